#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "text/tokenizer_spec.h"

namespace hiddenkey {

/// A tokenizer.json. ModelError names what is malformed or not supported.
class TokenizerJson {
 public:
  /// `source` names the text in messages.
  TokenizerJson(const std::string& bytes, std::string source);

  /// Whether a step of it is byte-level.
  bool is_byte_level() const;
  /// added_tokens, as they stand there.
  const nlohmann::json& added_tokens() const;
  /// "left" or "right", where the file itself truncates.
  std::optional<std::string> truncation_side() const;
  /// The token that the file itself pads with.
  std::optional<std::string> pad_token() const;

  /// The model's vocabulary, and its merges where it has some.
  void read_vocabulary(TokenizerSpec& spec) const;
  /// The model's own settings, and the steps before it and of decoding; after read_vocabulary.
  void read_steps(TokenizerSpec& spec) const;
  /// The template, where the file has one; after all tokens are known. Whether it has.
  bool read_template(TokenizerSpec& spec) const;

 private:
  nlohmann::json part(const char* name) const { return json_.value(name, nlohmann::json()); }
  [[noreturn]] void fail(const std::string& reason) const;
  void read_bpe(const nlohmann::json& model, TokenizerSpec& spec) const;
  void read_wordpiece(const nlohmann::json& model, TokenizerSpec& spec) const;

  std::string source_;
  nlohmann::json json_;
};

}  // namespace hiddenkey
