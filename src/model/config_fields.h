#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace hiddenkey {

/// Typed access to the fields of a config.json; ModelError names the file and the field.
class ConfigFields {
 public:
  ConfigFields(const nlohmann::json& json, std::string source) : json_(json), source_(std::move(source)) {}

  int64_t count(const char* name) const;  ///< a whole number from 1; required
  int64_t count(const char* name, int64_t otherwise) const;
  int64_t index(const char* name, int64_t otherwise) const;  ///< a whole number from 0
  double positive(const char* name, double otherwise) const;
  std::string text(const char* name, const std::string& otherwise) const;
  bool flag(const char* name, bool otherwise) const;

  /// Refuses a field with any other value than `value` (or null, or none).
  void require(const char* name, const nlohmann::json& value) const;
  bool given(const char* name) const { return json_.contains(name) && !json_[name].is_null(); }
  const nlohmann::json& json() const { return json_; }
  const std::string& source() const { return source_; }

  [[noreturn]] void fail(const std::string& name, const std::string& reason) const;

 private:
  std::optional<int64_t> whole(const char* name, int64_t min) const;

  const nlohmann::json& json_;
  std::string source_;
};

}  // namespace hiddenkey
