#include "sweep/values.h"

#include <charconv>
#include <cmath>
#include <functional>
#include <optional>

#include "core/text.h"

namespace hiddenkey {
namespace {

template <class Number>
std::optional<Number> number_of(const Value& value) {
  Number number{};
  const char* end = value.text.data() + value.text.size();
  if (value.kind != Value::Kind::kPlain) return std::nullopt;
  const auto [rest, error] = std::from_chars(value.text.data(), end, number);
  return rest == end && error == std::errc() ? std::make_optional(number) : std::nullopt;
}

std::optional<double> finite_number(const Value& value) {
  const std::optional<double> number = number_of<double>(value);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

bool is_truth_value(const Value& value) {
  return value.kind == Value::Kind::kPlain && (value.text == "true" || value.text == "false");
}

std::string quoted(const std::string& text) {
  return OrderedJson(text).dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

void for_each_place(Value& value, const std::function<void(Place&)>& change) {
  change(value.where);
  for (Value& item : value.items) for_each_place(item, change);
  for (Entry& entry : value.entries) {
    change(entry.where);
    for_each_place(entry.value, change);
  }
}

}  // namespace

OrderedJson to_json(const Value& value) {
  switch (value.kind) {
    case Value::Kind::kNull:
      return nullptr;
    case Value::Kind::kList: {
      OrderedJson list = OrderedJson::array();
      for (const Value& item : value.items) list.push_back(to_json(item));
      return list;
    }
    case Value::Kind::kMap: {
      OrderedJson map = OrderedJson::object();
      for (const Entry& entry : value.entries) map[entry.key] = to_json(entry.value);
      return map;
    }
    case Value::Kind::kPlain:
    case Value::Kind::kQuoted:
      break;
  }
  if (is_truth_value(value)) return value.text == "true";
  if (const auto integer = number_of<int64_t>(value)) return *integer;
  if (const auto number = finite_number(value)) return *number;
  return value.text;
}

std::string canonical(const Value& value) {
  if (const auto number = finite_number(value)) return format_number(*number);
  if (value.is_scalar()) return quoted(value.text);
  if (value.kind != Value::Kind::kList) return to_json(value).dump();
  std::vector<std::string> items;
  for (const Value& item : value.items) items.push_back(canonical(item));
  return cat('[', join(items, ","), ']');
}

std::string to_flow(const Value& value) {
  std::vector<std::string> parts;
  switch (value.kind) {
    case Value::Kind::kNull:
      return "null";
    case Value::Kind::kList:
      for (const Value& item : value.items) parts.push_back(to_flow(item));
      return cat('[', join(parts, ", "), ']');
    case Value::Kind::kMap:
      for (const Entry& entry : value.entries) parts.push_back(cat(quoted(entry.key), ": ", to_flow(entry.value)));
      return cat('{', join(parts, ", "), '}');
    case Value::Kind::kPlain:
    case Value::Kind::kQuoted:
      break;
  }
  return is_truth_value(value) || finite_number(value) ? value.text : quoted(value.text);
}

void overlay(Value& tree, const Setting& setting) {
  Value inner = setting.value;
  const std::vector<std::string> parts = split(setting.key, '.');
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    Value section;
    section.kind = Value::Kind::kMap;
    section.where = setting.where;
    section.entries.push_back({*part, setting.where, std::move(inner)});
    inner = std::move(section);
  }
  merge(tree, std::move(inner));
}

void shift_layers(Value& value, int by) {
  for_each_place(value, [by](Place& place) { place.layer += by; });
}

void set_layers(Value& value, int layer) {
  for_each_place(value, [layer](Place& place) { place.layer = layer; });
}

}  // namespace hiddenkey
