#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "config/fields.h"
#include "config/value.h"
#include "core/text.h"

namespace hiddenkey {

using OrderedJson = nlohmann::ordered_json;

/// How one type of value is read, printed and described:
///   read     fills the target, or leaves it and adds problems
///   to_json  what a config file would say
///   schema   its JSON Schema, without description and default
template <class T>
struct Codec;

/// Adds "expected WHAT, found ..." at the value.
void expected(const Value& value, const std::string& key, const std::string& what, Problems& problems);

/// Adds "... is none of ..." with a suggestion.
void not_among(const Value& value, const std::string& key, const std::vector<std::string>& choices, const Field& field,
               Problems& problems);

/// Adds "expected WHAT, found ...", and how a list is written where the text looks like one.
void expected_list(const Value& value, const std::string& key, const std::string& what, Problems& problems);

/// `a,b` as the command line has it -> the list [a, b].
Value split_at_commas(const Value& text);

/// {"type": type, "minimum": ...} by the limits.
OrderedJson number_schema(const char* type, const Limits& limits);

template <>
struct Codec<bool> {
  static void read(const Value& value, const Field& field, const std::string& key, bool& target, Problems& problems);
  static OrderedJson to_json(bool value) { return value; }
  static OrderedJson schema(const Field&) { return {{"type", "boolean"}}; }
};

template <>
struct Codec<int64_t> {
  static void read(const Value& value, const Field& field, const std::string& key, int64_t& target, Problems& problems);
  static OrderedJson to_json(int64_t value) { return value; }
  static OrderedJson schema(const Field& field) { return number_schema("integer", field.limits); }
};

/// Finite numbers only.
template <>
struct Codec<double> {
  static void read(const Value& value, const Field& field, const std::string& key, double& target, Problems& problems);
  static OrderedJson to_json(double value) { return value; }
  static OrderedJson schema(const Field& field) { return number_schema("number", field.limits); }
};

/// Any scalar: a label may be spelt 0 or yes.
template <>
struct Codec<std::string> {
  static void read(const Value& value, const Field& field, const std::string& key, std::string& target,
                   Problems& problems);
  static OrderedJson to_json(const std::string& value) { return value; }
  static OrderedJson schema(const Field& field);
};

template <class Enum>
requires std::is_enum_v<Enum>
struct Codec<Enum> {
  static void read(const Value& value, const Field& field, const std::string& key, Enum& target, Problems& problems) {
    if (value.is_scalar()) {
      for (const auto& [name, known] : EnumNames<Enum>::kNames) {
        if (value.text != name) continue;
        target = known;
        return;
      }
    }
    not_among(value, key, all_names<Enum>(), field, problems);
  }
  static OrderedJson to_json(Enum value) { return name_of_enum(value); }
  static OrderedJson schema(const Field&) { return {{"enum", all_names<Enum>()}}; }
};

/// null takes a value back that the file below gave.
template <class T>
struct Codec<std::optional<T>> {
  static void read(const Value& value, const Field& field, const std::string& key, std::optional<T>& target,
                   Problems& problems) {
    if (value.kind == Value::Kind::kNull) {
      target.reset();
      return;
    }
    T inner{};
    const std::size_t before = problems.size();
    Codec<T>::read(value, field, key, inner, problems);
    if (problems.size() == before) target = std::move(inner);
  }
  static OrderedJson to_json(const std::optional<T>& value) {
    return value ? Codec<T>::to_json(*value) : OrderedJson();
  }
  static OrderedJson schema(const Field& field) {
    return {{"anyOf", OrderedJson::array({Codec<T>::schema(field), OrderedJson{{"type", "null"}}})}};
  }
};

template <class T>
struct Codec<std::vector<T>> {
  static void read(const Value& value, const Field& field, const std::string& key, std::vector<T>& target,
                   Problems& problems) {
    const std::string what = field.length == 0 ? "a list" : cat("a list of ", field.length);
    const bool typed = value.kind == Value::Kind::kPlain && value.where.layer == kCommandLine;
    if (typed) return read(split_at_commas(value), field, key, target, problems);
    if (value.kind != Value::Kind::kList) return expected_list(value, key, what, problems);
    if (field.length != 0 && value.items.size() != field.length) {
      problems.push_back({value.where, key, cat("expected ", what, ", found ", value.items.size())});
      return;
    }
    target.assign(value.items.size(), T{});
    for (std::size_t i = 0; i < value.items.size(); ++i) {
      Codec<T>::read(value.items[i], field, cat(key, "[", i, "]"), target[i], problems);
    }
  }
  static OrderedJson to_json(const std::vector<T>& values) {
    OrderedJson list = OrderedJson::array();
    for (const T& value : values) list.push_back(Codec<T>::to_json(value));
    return list;
  }
  static OrderedJson schema(const Field& field) {
    OrderedJson schema = {{"type", "array"}, {"items", Codec<T>::schema(field)}};
    if (field.length != 0) schema["minItems"] = schema["maxItems"] = field.length;
    return schema;
  }
};

/// A section of names with a value each, in their order.
template <class T>
struct Codec<std::vector<std::pair<std::string, T>>> {
  using Named = std::vector<std::pair<std::string, T>>;
  static void read(const Value& value, const Field& field, const std::string& key, Named& target, Problems& problems) {
    if (value.kind != Value::Kind::kMap) return expected(value, key, "a section of names with a value each", problems);
    target.clear();
    for (const Entry& entry : value.entries) {
      T item{};
      Codec<T>::read(entry.value, field, cat(key, ".", entry.key), item, problems);
      target.emplace_back(entry.key, std::move(item));
    }
  }
  static OrderedJson to_json(const Named& named) {
    OrderedJson json = OrderedJson::object();
    for (const auto& [name, value] : named) json[name] = Codec<T>::to_json(value);
    return json;
  }
  static OrderedJson schema(const Field& field) {
    return {{"type", "object"}, {"additionalProperties", Codec<T>::schema(field)}};
  }
};

}  // namespace hiddenkey
