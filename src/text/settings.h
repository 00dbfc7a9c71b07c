#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/folder_files.h"
#include "text/added_tokens.h"

namespace hiddenkey {

/// The class of Transformers that makes a folder's tokenizer. Each but kBackend takes the vocabulary (and merges) alone
/// from tokenizer.json and makes the steps around it anew, from tokenizer_config.json.
enum class TokenizerClass { kBackend, kBert, kRoberta, kXlmRoberta, kGpt2, kQwen2, kLlama };

/// What the side files of a tokenizer say, put together as AutoTokenizer does it: tokenizer_config.json, and where it
/// has no added_tokens_decoder, special_tokens_map.json, added_tokens.json and the added tokens of tokenizer.json.
/// ModelError names a field that is malformed or whose meaning is not supported; a field that is not known is warned
/// of.
class TokenizerSettings {
 public:
  explicit TokenizerSettings(const FolderFiles& files);
  /// The added_tokens of tokenizer.json.
  void add_from_tokenizer_json(const nlohmann::json& tokens);

  /// The class that AutoTokenizer chooses; nothing where the folder says neither a model type nor a class. One that is
  /// not known here is taken as kBackend beside a tokenizer.json, with a warning, and refused without one.
  std::optional<TokenizerClass> chosen_class(bool has_json, bool json_is_byte_level) const;

  /// The special token of a name such as "bos_token"; null or "" is none.
  std::optional<AddedToken> token(const std::string& name) const;
  /// Whether a file has the name, be it with null.
  bool mentions(const std::string& name) const { return fields_.contains(name); }
  /// Special tokens under other names than the usual seven, such as "image_token".
  std::vector<AddedToken> other_named_tokens() const;
  /// additional_special_tokens, or extra_special_tokens as newer files call them.
  std::vector<AddedToken> extra_tokens() const;
  /// The tokens that were added to the vocabulary, with the ids that the files give them, which rise.
  const std::map<int32_t, AddedToken>& added_tokens() const { return added_; }

  bool flag(const char* name, bool otherwise) const;
  std::string text(const char* name, const std::string& otherwise) const;
  /// model_max_length where it is a limit at all.
  std::optional<int64_t> max_length() const;
  std::string source() const { return files_.path("tokenizer_config.json").string(); }

 private:
  void merge_special_tokens_map();
  void merge_added_tokens_file();
  [[noreturn]] void fail(const std::string& name, const std::string& reason) const;

  const FolderFiles& files_;
  nlohmann::json fields_ = nlohmann::json::object();
  std::string model_type_, declared_class_;
  bool has_added_tokens_decoder_ = false;
  std::map<int32_t, AddedToken> added_;
};

/// The seven names that every tokenizer of Transformers knows.
inline constexpr const char* kNamedTokens[] = {"bos_token", "eos_token", "unk_token", "sep_token",
                                               "pad_token", "cls_token", "mask_token"};

/// Refuses by name what is not supported among the fields of tokenizer_config.json, and warns of those not known.
void check_tokenizer_fields(const nlohmann::json& fields, const std::string& source);

}  // namespace hiddenkey
