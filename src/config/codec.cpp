#include "config/codec.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <regex>

#include "core/home_path.h"

namespace hiddenkey {
namespace {

/// The whole text as a number; `error` is result_out_of_range where it is one that the type cannot hold.
template <class Number>
std::errc parse(std::string_view text, Number& number) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return end == text.data() + text.size() ? error : std::errc::invalid_argument;
}

bool is_yaml_infinity_or_nan(const std::string& text) {
  const std::size_t dot = text.find_first_not_of("+-");
  if (dot == std::string::npos || text[dot] != '.') return false;
  double number = 0;
  return parse(text.substr(dot + 1), number) == std::errc() && !std::isfinite(number);
}

void out_of_range(const Value& value, const std::string& key, const Limits& limits, Problems& problems) {
  problems.push_back({value.where, key, cat(value.text, " is out of range: expected ", limits.describe())});
}

bool is_allowed(const std::string& text, const Field& field) {
  if (field.choices.empty()) return true;
  if (std::find(field.choices.begin(), field.choices.end(), text) != field.choices.end()) return true;
  constexpr std::size_t kLongest = 80;  // a regex of the standard library recurses into long text
  return field.form.regex != nullptr && text.size() <= kLongest && std::regex_match(text, std::regex(field.form.regex));
}

/// The value that other tools call so, else one that is spelt nearly so.
std::string value_hint(const std::string& text, const std::vector<std::string>& choices, const Field& field) {
  std::string lowered = text;
  std::transform(lowered.begin(), lowered.end(), lowered.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const auto& [other, ours] : field.elsewhere) {
    if (lowered == other) return cat(" (did you mean \"", ours, "\"?)");
  }
  return did_you_mean(text, choices);
}

}  // namespace

bool Limits::contain(double value) const {
  return (min_included ? value >= min : value > min) && (max_included ? value <= max : value < max);
}

std::string Limits::describe() const {
  std::string low, high;
  if (std::isfinite(min)) low = (min_included ? "at least " : "above ") + format_number(min);
  if (std::isfinite(max)) high = (max_included ? "at most " : "below ") + format_number(max);
  if (low.empty() && high.empty()) return "any number";
  return low.empty() || high.empty() ? low + high : low + " and " + high;
}

void expected(const Value& value, const std::string& key, const std::string& what, Problems& problems) {
  problems.push_back({value.where, key, "expected " + what + ", found " + describe(value)});
}

void not_among(const Value& value, const std::string& key, const std::vector<std::string>& choices, const Field& field,
               Problems& problems) {
  std::vector<std::string> shown = choices;
  if (field.form.shown != nullptr) shown.emplace_back(field.form.shown);
  if (!value.is_scalar()) return expected(value, key, "one of " + join(shown, ", "), problems);
  const std::string text = value.text.size() > 40 ? value.text.substr(0, 40) + "..." : value.text;
  problems.push_back(
      {value.where, key, "\"" + text + "\" is none of " + join(shown, ", ") + value_hint(value.text, choices, field)});
}

void expected_list(const Value& value, const std::string& key, const std::string& what, Problems& problems) {
  const bool hinted = value.is_scalar() && !value.text.empty() && value.text.size() <= 80;
  std::vector<std::string> items;
  for (const Value& item : split_at_commas(value).items) items.push_back(item.text);
  const std::string hint = hinted ? cat("; a list is written [", join(items, ", "), "]") : "";
  problems.push_back({value.where, key, "expected " + what + ", found " + describe(value) + hint});
}

Value split_at_commas(const Value& text) {
  Value list;
  list.kind = Value::Kind::kList;
  list.where = text.where;
  for (const std::string& part : split(text.text, ',')) {
    Value item = text;
    const std::size_t begin = std::min(part.find_first_not_of(' '), part.size());
    item.text = part.substr(begin, part.find_last_not_of(' ') + 1 - begin);
    list.items.push_back(std::move(item));
  }
  return list;
}

OrderedJson number_schema(const char* type, const Limits& limits) {
  OrderedJson schema = {{"type", type}};
  if (std::isfinite(limits.min)) schema[limits.min_included ? "minimum" : "exclusiveMinimum"] = limits.min;
  if (std::isfinite(limits.max)) schema[limits.max_included ? "maximum" : "exclusiveMaximum"] = limits.max;
  return schema;
}

void Codec<bool>::read(const Value& value, const Field&, const std::string& key, bool& target, Problems& problems) {
  const bool plain = value.kind == Value::Kind::kPlain;
  if (plain && value.text == "true") {
    target = true;
  } else if (plain && value.text == "false") {
    target = false;
  } else {
    expected(value, key, "true or false", problems);
  }
}

void Codec<int64_t>::read(const Value& value, const Field& field, const std::string& key, int64_t& target,
                          Problems& problems) {
  int64_t number = 0;
  const std::errc error = value.kind == Value::Kind::kPlain ? parse(value.text, number) : std::errc::invalid_argument;
  if (error == std::errc::invalid_argument) return expected(value, key, "an integer", problems);
  if (error != std::errc()) {
    problems.push_back({value.where, key, cat(value.text, " does not fit into 64 bits")});
  } else if (!field.limits.contain(static_cast<double>(number))) {
    out_of_range(value, key, field.limits, problems);
  } else {
    target = number;
  }
}

void Codec<double>::read(const Value& value, const Field& field, const std::string& key, double& target,
                         Problems& problems) {
  double number = 0;
  const bool plain = value.kind == Value::Kind::kPlain;
  const std::errc error = plain ? parse(value.text, number) : std::errc::invalid_argument;
  const bool unbounded =
      plain && ((error == std::errc() && !std::isfinite(number)) || is_yaml_infinity_or_nan(value.text));
  if (unbounded || error == std::errc::result_out_of_range) {
    problems.push_back({value.where, key, cat(value.text, " is no finite number")});
  } else if (error != std::errc()) {
    expected(value, key, "a number", problems);
  } else if (!field.limits.contain(number)) {
    out_of_range(value, key, field.limits, problems);
  } else {
    target = number;
  }
}

void Codec<std::string>::read(const Value& value, const Field& field, const std::string& key, std::string& target,
                              Problems& problems) {
  if (!value.is_scalar()) return expected(value, key, "text", problems);
  if (!is_allowed(value.text, field)) return not_among(value, key, field.choices, field, problems);
  std::string text = value.text;
  const std::string fault = field.is_path ? expand_home(text) : "";
  if (!fault.empty()) return problems.push_back({value.where, key, fault});
  target = std::move(text);
}

OrderedJson Codec<std::string>::schema(const Field& field) {
  if (field.takes_scalars) return {{"type", {"string", "number", "boolean"}}};
  OrderedJson schema = {{"type", "string"}};
  if (field.choices.empty()) return schema;
  schema["enum"] = field.choices;
  if (field.form.regex == nullptr) return schema;
  const OrderedJson form = {{"type", "string"}, {"pattern", cat("^(", field.form.regex, ")$")}};
  return {{"anyOf", OrderedJson::array({schema, form})}};
}

}  // namespace hiddenkey
