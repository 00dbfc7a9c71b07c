#include "config/codec.h"

#include <algorithm>
#include <charconv>
#include <cmath>

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

void not_among(const Value& value, const std::string& key, const std::vector<std::string>& choices,
               Problems& problems) {
  if (!value.is_scalar()) return expected(value, key, "one of " + join(choices, ", "), problems);
  const std::string shown = value.text.size() > 40 ? value.text.substr(0, 40) + "..." : value.text;
  problems.push_back(
      {value.where, key, "\"" + shown + "\" is none of " + join(choices, ", ") + did_you_mean(value.text, choices)});
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
  const auto& choices = field.choices;
  const bool allowed = choices.empty() || std::find(choices.begin(), choices.end(), value.text) != choices.end();
  if (!allowed) return not_among(value, key, choices, problems);
  target = value.text;
}

OrderedJson Codec<std::string>::schema(const Field& field) {
  OrderedJson schema = {{"type", "string"}};
  if (!field.choices.empty()) schema["enum"] = field.choices;
  return schema;
}

}  // namespace hiddenkey
