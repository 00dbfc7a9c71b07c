#include "config/yaml_writer.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace hiddenkey {
namespace {

/// Whether text can stand without quotes: a name or path that no YAML reader takes for anything else.
bool is_plain(const std::string& text) {
  static constexpr std::array kMeaningful = {"null", "true", "false", "yes", "no",  "on",
                                             "off",  "y",    "n",     "inf", "nan", "infinity"};
  if (text.empty() || (!std::isalpha(static_cast<unsigned char>(text[0])) && text[0] != '/')) return false;
  const bool simple = std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || std::string_view("_./-+").find(c) != std::string_view::npos;
  });
  std::string lowered = text;
  std::transform(lowered.begin(), lowered.end(), lowered.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return simple && std::find(kMeaningful.begin(), kMeaningful.end(), lowered) == kMeaningful.end();
}

/// With a point always: YAML 1.1 reads 1e-08 as text, and 3 as an integer.
std::string real(double value) {
  std::string text = format_number(value);
  if (text.find('.') != std::string::npos) return text;
  const std::size_t exponent = text.find('e');
  return text.insert(exponent == std::string::npos ? text.size() : exponent, ".0");
}

std::string flow(const OrderedJson& value) {
  if (value.is_number_float()) return real(value.get<double>());
  if (value.is_string() && is_plain(value.get_ref<const std::string&>())) return value.get<std::string>();
  if (!value.is_array()) return value.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
  std::vector<std::string> items;
  for (const OrderedJson& item : value) items.push_back(flow(item));
  return "[" + join(items, ", ") + "]";
}

void write(const OrderedJson& section, const std::string& prefix, const YamlComments& comments, std::string& text) {
  const auto depth = static_cast<std::size_t>(std::count(prefix.begin(), prefix.end(), '.'));
  for (const auto& [key, value] : section.items()) {
    text += std::string(2 * depth, ' ') + flow(key) + ":";
    if (value.is_object() && !value.empty()) {
      text += "\n";
      write(value, prefix + key + ".", comments, text);
      continue;
    }
    const auto comment = comments.find(prefix + key);
    text += " " + flow(value) + (comment == comments.end() ? "" : "  # " + comment->second) + "\n";
  }
}

}  // namespace

std::string to_yaml_text(const OrderedJson& config, const YamlComments& comments) {
  std::string text;
  write(config, "", comments, text);
  return text;
}

}  // namespace hiddenkey
