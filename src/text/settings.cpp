#include "text/settings.h"

#include "core/file.h"
#include "core/json_file.h"

namespace hiddenkey {

using Json = nlohmann::json;

TokenizerSettings::TokenizerSettings(const fs::path& folder)
    : config_(read_json_object_if_there(folder / "tokenizer_config.json").value_or(Json::object())),
      map_(read_json_object_if_there(folder / "special_tokens_map.json").value_or(Json::object())) {}

std::string TokenizerSettings::token(const char* name, const std::string& otherwise) const {
  for (const Json* json : {&config_, &map_}) {
    const Json value = json->value(name, Json());
    if (value.is_string()) return value.get<std::string>();
    if (value.is_object() && value.contains("content") && value["content"].is_string())
      return value["content"].get<std::string>();
  }
  return otherwise;
}

bool TokenizerSettings::mentions(const char* name) const { return config_.contains(name) || map_.contains(name); }

bool TokenizerSettings::lstrip(const char* name) const {
  for (const Json* json : {&config_, &map_}) {
    const Json value = json->value(name, Json());
    if (value.is_object() && value.value("lstrip", Json()) == Json(true)) return true;
  }
  return false;
}

bool TokenizerSettings::flag(const char* name, bool otherwise) const {
  const Json value = config_.value(name, Json());
  return value.is_boolean() ? value.get<bool>() : otherwise;
}

Json TokenizerSettings::added_tokens() const {
  const Json tokens = config_.value("added_tokens_decoder", Json());
  return tokens.is_object() ? tokens : Json::object();
}

}  // namespace hiddenkey
