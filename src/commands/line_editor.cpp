#include "commands/line_editor.h"

#include <histedit.h>
#include <langinfo.h>
#include <poll.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <string_view>

namespace hiddenkey {
namespace {

constexpr int kRemembered = 1000;
constexpr std::size_t kLongestLine = 4096;

/// The library reads characters as the locale says; text is UTF-8 here, whatever the locale.
void use_utf8() {
  std::setlocale(LC_CTYPE, "");
  if (std::string_view(nl_langinfo(CODESET)) != "UTF-8") std::setlocale(LC_CTYPE, "C.UTF-8");
}

/// A line that was typed before it was asked for, as the terminal took it: nothing where there is none. Empty without a
/// line end: the end of the input.
std::optional<std::string> typed_ahead() {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  if (::poll(&input, 1, 0) <= 0) return std::nullopt;
  std::string line(kLongestLine, '\0');  // a terminal gives one line at a time, and no longer ones
  const ssize_t size = ::read(STDIN_FILENO, line.data(), line.size());
  line.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return line;
}

char* prompt_of(EditLine* editor) {
  void* data = nullptr;
  el_get(editor, EL_CLIENTDATA, &data);
  return static_cast<std::string*>(data)->data();
}

}  // namespace

struct LineEditor::Parts {
  std::string prompt;
  EditLine* editor = nullptr;
  History* history = nullptr;
};

LineEditor::LineEditor(std::string prompt) : parts_(std::make_unique<Parts>()) {
  use_utf8();
  parts_->prompt = std::move(prompt);
  parts_->editor = el_init("hiddenkey", stdin, stderr, stderr);
  parts_->history = history_init();
  HistEvent event;
  history(parts_->history, &event, H_SETSIZE, kRemembered);
  history(parts_->history, &event, H_SETUNIQUE, 1);
  EditLine* editor = parts_->editor;
  el_set(editor, EL_CLIENTDATA, &parts_->prompt);
  el_set(editor, EL_PROMPT, prompt_of);
  el_set(editor, EL_EDITOR, "emacs");
  el_set(editor, EL_HIST, history, parts_->history);
  el_set(editor, EL_SIGNAL, 1);  // the terminal is as before when Ctrl-C ends the program
  el_set(editor, EL_BIND, "^R", "em-inc-search-prev", nullptr);
}

LineEditor::~LineEditor() {
  el_end(parts_->editor);
  history_end(parts_->history);
}

std::optional<std::string> LineEditor::read() {
  std::string line;
  if (std::optional<std::string> ahead = typed_ahead()) {
    line = std::move(*ahead);
  } else {
    // The library prepares the terminal only after its prompt; keys that are typed between would be the terminal's own.
    el_set(parts_->editor, EL_PREP_TERM, 1);
    int count = 0;
    if (const char* bytes = el_gets(parts_->editor, &count)) line.assign(bytes, static_cast<std::size_t>(count));
  }
  if (line.empty()) return std::nullopt;
  HistEvent event;
  if (line != "\n") history(parts_->history, &event, H_ENTER, line.c_str());
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  return line;
}

}  // namespace hiddenkey
