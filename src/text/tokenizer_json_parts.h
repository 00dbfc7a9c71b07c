#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "text/tokenizer_spec.h"

/// The parts of tokenizer.json that stand before and behind the model. Each refuses by name what is not supported.
namespace hiddenkey {

/// The "type" of a part, or "".
std::string part_type(const nlohmann::json& part);

void read_normalizer(const nlohmann::json& part, const std::string& source, TokenizerSpec& spec);
/// A Unigram model's pieces with their scores, and the compiled table of `normalizer`, where it has one.
void read_unigram(const nlohmann::json& model, const nlohmann::json& normalizer, const std::string& source,
                  TokenizerSpec& spec);
/// After the model has been read.
void read_pre_tokenizer(const nlohmann::json& part, const std::string& source, TokenizerSpec& spec);
void read_decoder(const nlohmann::json& part, const std::string& source, TokenizerSpec& spec);
/// After all tokens are known.
void read_post_processor(const nlohmann::json& post, const std::string& source, TokenizerSpec& spec);

}  // namespace hiddenkey
