#pragma once

#include <string>
#include <type_traits>
#include <vector>

#include "config/codec.h"
#include "config/fields.h"
#include "config/value.h"

namespace hiddenkey {

struct IgnoringVisitor {
  template <class T>
  void operator()(const Field&, T&&) {}
};

/// A struct with a field list, as against a single value.
template <class T>
concept Section = requires(IgnoringVisitor& visitor, T& config) {
  visit_fields(visitor, config);
};

/// Every dotted key of the config.
class KeyVisitor {
 public:
  explicit KeyVisitor(std::string prefix, std::vector<std::string>& keys) : prefix_(std::move(prefix)), keys_(keys) {}

  template <class T>
  void operator()(const Field& field, T&& member) {
    keys_.push_back(prefix_ + field.name);
    if constexpr (Section<std::remove_cvref_t<T>>) {
      KeyVisitor below(keys_.back() + ".", keys_);
      visit_fields(below, member);
    }
  }

 private:
  std::string prefix_;
  std::vector<std::string>& keys_;
};

/// What is said of a key that we do not have but other tools do; "" where it is known nowhere. `key` is dotted.
using KeyHint = std::string (*)(const std::string& key);

/// What unknown keys are compared with.
struct KnownKeys {
  std::vector<std::string> keys;  ///< every dotted one
  KeyHint hint = nullptr;
};

/// `(did you mean "x", "y" or "z"?)`, with a blank in front.
std::string did_you_mean_one_of(const std::vector<std::string>& keys);

/// Adds the problem of a key that no field has. `section` is "" or ends in a dot.
void report_unknown_key(const Entry& entry, const std::string& section, const KnownKeys& known, Problems& problems);

/// Adds the problem of a single value where a section belongs.
void expected_section(const Value& value, const std::string& key, const KnownKeys& known, Problems& problems);

/// Fills one section from its map; in a file a key that begins with x- is its own, for what its anchors name.
class ReadVisitor {
 public:
  ReadVisitor(const Value& section, std::string prefix, const KnownKeys& keys, Problems& problems)
      : section_(section), prefix_(std::move(prefix)), keys_(keys), problems_(problems) {}

  template <class T>
  void operator()(const Field& field, T&& member) {
    using Type = std::remove_cvref_t<T>;
    known_.emplace_back(field.name);
    const Value* value = section_.find(field.name);
    if (value == nullptr) return;
    if constexpr (Section<Type>) {
      read_section(*value, prefix_ + field.name, member);
    } else {
      Codec<Type>::read(*value, field, prefix_ + field.name, member, problems_);
    }
  }

  void report_unknown_keys() const;

 private:
  template <class Config>
  void read_section(const Value& value, const std::string& key, Config& config) {
    if (value.kind == Value::Kind::kNull) return;
    if (value.kind != Value::Kind::kMap) return expected_section(value, key, keys_, problems_);
    ReadVisitor below(value, key + ".", keys_, problems_);
    visit_fields(below, config);
    below.report_unknown_keys();
  }

  const Value& section_;
  std::string prefix_;
  const KnownKeys& keys_;
  Problems& problems_;
  std::vector<std::string> known_;
};

/// What a config file with every key would say.
class PrintVisitor {
 public:
  template <class T>
  void operator()(const Field& field, T&& member) {
    using Type = std::remove_cvref_t<T>;
    if constexpr (Section<Type>) {
      PrintVisitor below;
      visit_fields(below, member);
      json_[field.name] = std::move(below.json_);
    } else {
      json_[field.name] = Codec<Type>::to_json(member);
    }
  }

  const OrderedJson& json() const { return json_; }

 private:
  OrderedJson json_ = OrderedJson::object();
};

/// The schema of one section, with the defaults that `member` holds.
class SchemaVisitor {
 public:
  template <class T>
  void operator()(const Field& field, T&& member) {
    using Type = std::remove_cvref_t<T>;
    OrderedJson& schema = properties_[field.name];
    constexpr const char* kRelative = "; a relative path begins in the folder where the command runs";
    schema = {{"description", cat(field.help, field.is_path ? kRelative : "")}};
    if constexpr (Section<Type>) {
      SchemaVisitor below;
      visit_fields(below, member);
      schema.update(below.schema());
    } else {
      schema.update(Codec<Type>::schema(field));
      if (!field.required) schema["default"] = Codec<Type>::to_json(member);
      for (const char* example : field.examples) schema["examples"].push_back(OrderedJson::parse(example));
    }
  }

  OrderedJson schema() const {
    return {{"type", {"object", "null"}},
            {"properties", properties_},
            {"patternProperties", {{"^x-", true}}},
            {"additionalProperties", false}};
  }

 private:
  OrderedJson properties_ = OrderedJson::object();
};

/// The schema of the keys that must be there, for one section and those below it.
class RequiredVisitor {
 public:
  template <class T>
  void operator()(const Field& field, T&& member) {
    RequiredVisitor below;
    if constexpr (Section<std::remove_cvref_t<T>>) visit_fields(below, member);
    if (!below.json_.empty()) json_["properties"][field.name] = below.json_;
    if (field.required || !below.json_.empty()) json_["required"].push_back(field.name);
  }

  const OrderedJson& json() const { return json_; }

 private:
  OrderedJson json_ = OrderedJson::object();
};

template <class Config>
std::vector<std::string> all_keys(Config config) {
  std::vector<std::string> keys;
  KeyVisitor visitor("", keys);
  visit_fields(visitor, config);
  return keys;
}

/// Fills `config` from a tree; what the tree lacks stays as it is, what is wrong is added to the problems.
template <class Config>
void read_config(const Value& tree, Config& config, Problems& problems, KeyHint hint = nullptr) {
  const KnownKeys keys{all_keys(config), hint};
  ReadVisitor visitor(tree, "", keys, problems);
  visit_fields(visitor, config);
  visitor.report_unknown_keys();
}

/// By value, since a field list takes its config by reference.
template <class Config>
OrderedJson config_to_json(Config config) {
  PrintVisitor visitor;
  visit_fields(visitor, config);
  return visitor.json();
}

template <class Config>
OrderedJson config_schema() {
  Config config;
  SchemaVisitor visitor;
  visit_fields(visitor, config);
  return visitor.schema();
}

template <class Config>
OrderedJson required_schema() {
  Config config;
  RequiredVisitor visitor;
  visit_fields(visitor, config);
  return visitor.json();
}

}  // namespace hiddenkey
