#include <sstream>

#include "cli/completion.h"
#include "core/text.h"
#include "core/version.h"

namespace hiddenkey {
namespace {

/// Text that roff takes as it stands.
std::string plain(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '\n') {
      result += "\n.br\n";
    } else if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";
    } else {
      // A line that begins with one of these would be a request.
      if ((c == '.' || c == '\'') && (result.empty() || result.back() == '\n')) result += "\\&";
      result += c;
    }
  }
  return result;
}

void heading(std::ostream& out, const std::string& name, const std::string& purpose, const std::string& usage) {
  out << ".TH " << name << " 1 \"\" \"hiddenkey " << kVersion << "\" \"User Commands\"\n.SH NAME\n"
      << plain(name) << " \\- " << plain(purpose) << "\n.SH SYNOPSIS\n"
      << plain(usage) << '\n';
}

void options(std::ostream& out, const ListedCommand& command, bool positional) {
  for (const ListedOption& option : command.options) {
    if (option.positional != positional) continue;
    out << ".TP\n.B " << plain(join(option.names, ", "));
    if (!positional && !option.value.empty()) out << ' ' << plain(option.value);
    out << '\n' << plain(option.help) << '\n';
  }
}

}  // namespace

std::string manual_page(const std::vector<ListedCommand>& commands, const std::string& name) {
  std::ostringstream out;
  if (name.empty()) {
    heading(out, "hiddenkey", "finetunes transformers with LoRA and structured dropout", "hiddenkey COMMAND [OPTIONS]");
    out << ".SH COMMANDS\n";
    for (const ListedCommand& command : commands)
      out << ".TP\n.BR hiddenkey\\-" << plain(command.name) << " (1)\n" << plain(command.purpose) << '\n';
    return out.str();
  }
  for (const ListedCommand& command : commands) {
    if (command.name != name) continue;
    heading(out, "hiddenkey-" + name, command.purpose, command.usage);
    out << ".SH ARGUMENTS\n";
    options(out, command, true);
    out << ".SH OPTIONS\n";
    options(out, command, false);
    out << ".SH NOTES\n" << plain(command.example) << "\n.SH SEE ALSO\n.BR hiddenkey (1)\n";
  }
  return out.str();
}

}  // namespace hiddenkey
