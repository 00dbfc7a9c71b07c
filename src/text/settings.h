#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace hiddenkey {

/// What tokenizer_config.json and special_tokens_map.json of a folder say, each where it is there.
class TokenizerSettings {
 public:
  explicit TokenizerSettings(const std::filesystem::path& folder);

  /// The content of a special token such as "bos_token".
  std::string token(const char* name, const std::string& otherwise) const;
  /// Whether a file has the name, be it with null.
  bool mentions(const char* name) const;
  /// Whether the files say that a special token takes the white space before it.
  bool lstrip(const char* name) const;
  bool flag(const char* name, bool otherwise) const;
  /// added_tokens_decoder of tokenizer_config.json, empty where it is not there.
  nlohmann::json added_tokens() const;

 private:
  nlohmann::json config_, map_;
};

}  // namespace hiddenkey
