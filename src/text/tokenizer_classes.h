#pragma once

#include <optional>
#include <string>

#include "text/settings.h"
#include "text/tokenizer_spec.h"

/// What each tokenizer class of Transformers 5 makes around a vocabulary, whatever tokenizer.json says beside it.
namespace hiddenkey {

/// Normalizer, pre-tokenizer, the model's settings and decoder; after the vocabulary (and merges) have been read.
/// kBackend has none of its own. ModelError where the vocabulary is of another kind than the class.
void make_steps(TokenizerClass made, const TokenizerSettings& settings, const std::string& source, TokenizerSpec& spec);

/// The special token of a name: what the files say, else the class's own.
std::optional<AddedToken> named_token(TokenizerClass made, const TokenizerSettings& settings, const std::string& name);

/// The unknown piece of a vocabulary that begins as fairseq's do: <s>, <pad>, </s>, <unk>.
inline constexpr int32_t kFairseqUnknown = 3;

/// BERT's and both RoBERTas' own template; false for the others, which have none.
bool make_own_template(TokenizerClass made, const TokenizerSettings& settings, TokenizerSpec& spec);

/// A space before the text, as LLaMA has it.
Metaspace::Prepend llama_prefix(const TokenizerSettings& settings);

}  // namespace hiddenkey
