#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace hiddenkey {

/// Typed access to the fields of a config.json; ModelError names the file and the field. It remembers which fields were
/// asked for, so that a field that no reader knows can be named.
class ConfigFields {
 public:
  /// `most_weights` is the largest number of weights that the model's files can hold.
  ConfigFields(const nlohmann::json& json, std::string source, int64_t most_weights = kUnlimited)
      : json_(json), source_(std::move(source)), most_weights_(most_weights) {}

  int64_t count(const char* name) const;  ///< a whole number from 1; required
  int64_t count(const char* name, int64_t otherwise) const;
  int64_t index(const char* name, int64_t otherwise) const;  ///< a whole number from 0
  double positive(const char* name, double otherwise) const;
  std::string text(const char* name, const std::string& otherwise) const;
  bool flag(const char* name, bool otherwise) const;

  /// Refuses a field with any other value than `value` (or null, or none).
  void require(const char* name, const nlohmann::json& value) const;
  /// Whether the field has a value; null is none.
  bool given(const char* name) const;
  /// Whether the field is there and null, which can mean something else than its absence.
  bool is_null(const char* name) const;
  /// Names fields that are known to change nothing.
  void change_nothing(std::span<const char* const> names) const;

  /// The fields that nothing has asked for or named: this program does not know what they mean.
  std::vector<std::string> unknown() const;

  const nlohmann::json& json() const { return json_; }
  const std::string& source() const { return source_; }
  int64_t most_weights() const { return most_weights_; }

  [[noreturn]] void fail(const std::string& name, const std::string& reason) const;

  static constexpr int64_t kUnlimited = INT64_MAX;

 private:
  std::optional<int64_t> whole(const char* name, int64_t min) const;

  const nlohmann::json& json_;
  std::string source_;
  int64_t most_weights_;
  mutable std::set<std::string> known_;
};

}  // namespace hiddenkey
