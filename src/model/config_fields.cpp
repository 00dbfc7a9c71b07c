#include "model/config_fields.h"

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {

void ConfigFields::fail(const std::string& name, const std::string& reason) const {
  throw ModelError(cat(source_, ": ", name, ": ", reason));
}

bool ConfigFields::given(const char* name) const {
  known_.insert(name);
  return json_.contains(name) && !json_[name].is_null();
}

bool ConfigFields::is_null(const char* name) const {
  known_.insert(name);
  return json_.contains(name) && json_[name].is_null();
}

void ConfigFields::change_nothing(std::span<const char* const> names) const {
  for (const char* name : names) known_.insert(name);
}

std::vector<std::string> ConfigFields::unknown() const {
  std::vector<std::string> names;
  for (const auto& [name, value] : json_.items()) {
    if (!known_.contains(name)) names.push_back(name);
  }
  return names;
}

std::optional<int64_t> ConfigFields::whole(const char* name, int64_t min) const {
  if (!given(name)) return std::nullopt;
  const nlohmann::json& value = json_[name];
  constexpr int64_t kLargest = int64_t{1} << 31;
  if (!value.is_number_integer() || value.get<int64_t>() < min || value.get<int64_t>() > kLargest) {
    fail(name, cat("expected a whole number of at least ", min, ", found ", value.dump()));
  }
  return value.get<int64_t>();
}

int64_t ConfigFields::count(const char* name) const {
  const std::optional<int64_t> value = whole(name, 1);
  if (!value) fail(name, "is missing");
  return *value;
}

int64_t ConfigFields::count(const char* name, int64_t otherwise) const { return whole(name, 1).value_or(otherwise); }
int64_t ConfigFields::index(const char* name, int64_t otherwise) const { return whole(name, 0).value_or(otherwise); }

double ConfigFields::positive(const char* name, double otherwise) const {
  if (!given(name)) return otherwise;
  const nlohmann::json& value = json_[name];
  if (!value.is_number() || !(value.get<double>() > 0))
    fail(name, cat("expected a number above 0, found ", value.dump()));
  return value.get<double>();
}

std::string ConfigFields::text(const char* name, const std::string& otherwise) const {
  if (!given(name)) return otherwise;
  if (!json_[name].is_string()) fail(name, cat("expected text, found ", json_[name].dump()));
  return json_[name].get<std::string>();
}

bool ConfigFields::flag(const char* name, bool otherwise) const {
  if (!given(name)) return otherwise;
  if (!json_[name].is_boolean()) fail(name, cat("expected true or false, found ", json_[name].dump()));
  return json_[name].get<bool>();
}

void ConfigFields::require(const char* name, const nlohmann::json& value) const {
  if (given(name) && json_[name] != value)
    fail(name, cat(json_[name].dump(), " is not supported, only ", value.dump()));
}

}  // namespace hiddenkey
