#include "text/tokenizer_classes.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "text/unicode.h"

namespace hiddenkey {
namespace {

constexpr const char* kEndOfText = "<|endoftext|>";

struct NamedToken {
  TokenizerClass made;
  const char* name;
  const char* content;
};

constexpr NamedToken kOwnTokens[] = {
    {TokenizerClass::kBert, "unk_token", "[UNK]"},     {TokenizerClass::kBert, "sep_token", "[SEP]"},
    {TokenizerClass::kBert, "pad_token", "[PAD]"},     {TokenizerClass::kBert, "cls_token", "[CLS]"},
    {TokenizerClass::kBert, "mask_token", "[MASK]"},   {TokenizerClass::kRoberta, "bos_token", "<s>"},
    {TokenizerClass::kRoberta, "eos_token", "</s>"},   {TokenizerClass::kRoberta, "sep_token", "</s>"},
    {TokenizerClass::kRoberta, "cls_token", "<s>"},    {TokenizerClass::kRoberta, "unk_token", "<unk>"},
    {TokenizerClass::kRoberta, "pad_token", "<pad>"},  {TokenizerClass::kRoberta, "mask_token", "<mask>"},
    {TokenizerClass::kGpt2, "unk_token", kEndOfText},  {TokenizerClass::kGpt2, "bos_token", kEndOfText},
    {TokenizerClass::kGpt2, "eos_token", kEndOfText},  {TokenizerClass::kQwen2, "unk_token", kEndOfText},
    {TokenizerClass::kQwen2, "eos_token", kEndOfText}, {TokenizerClass::kQwen2, "pad_token", kEndOfText},
    {TokenizerClass::kLlama, "unk_token", "<unk>"},    {TokenizerClass::kLlama, "bos_token", "<s>"},
    {TokenizerClass::kLlama, "eos_token", "</s>"},
};

/// XLM-RoBERTa's tokens are RoBERTa's.
TokenizerClass whose_tokens(TokenizerClass made) {
  return made == TokenizerClass::kXlmRoberta ? TokenizerClass::kRoberta : made;
}

void make_bert(const TokenizerSettings& settings, const std::string& source, TokenizerSpec& spec) {
  const auto unknown = named_token(TokenizerClass::kBert, settings, "unk_token");
  const std::string content = unknown ? encode_utf8(unknown->content) : "";
  const auto id = spec.vocabulary.find(content);
  if (!id) throw ModelError(cat(source, ": lacks the special token \"", content, "\""));
  spec.wordpiece.emplace().unknown = *id;
  BertNormalizer normalizer;
  normalizer.lowercase = settings.flag("do_lower_case", true);
  normalizer.handle_chinese_chars = settings.flag("tokenize_chinese_chars", true);
  normalizer.strip_accents = settings.flag("strip_accents", normalizer.lowercase);
  spec.normalizer.emplace(source).add(normalizer);
  spec.decoder.add(WordPieceDecoder{});
}

void make_byte_level(const TokenizerSettings& settings, TokenizerSpec& spec) {
  spec.byte_bpe->add_prefix_space = settings.flag("add_prefix_space", false);
  spec.decoder.add(ByteLevelDecoder{});
}

void make_qwen2(const TokenizerSettings& settings, const std::string& source, TokenizerSpec& spec) {
  make_byte_level(settings, spec);
  spec.normalizer.emplace(source).add(NfcNormalizer{});
  spec.cutters.push_back(regex_cutter(kQwen2Words, source));
  spec.byte_bpe->use_regex = false;
}

void make_llama(const TokenizerSettings& settings, TokenizerSpec& spec) {
  ByteBpe& bpe = *spec.byte_bpe;
  bpe.byte_level = bpe.use_regex = false;
  bpe.byte_fallback = bpe.fuse_unknown = true;
  Metaspace& space = spec.metaspace.emplace();
  space.prepend = llama_prefix(settings);
  space.split = false;
  spec.decoder = llama_decoder(space.prepend != Metaspace::Prepend::kNever);
}

void make_xlm_roberta(const TokenizerSettings& settings, const std::string& source, TokenizerSpec& spec) {
  spec.unigram->unknown = kFairseqUnknown;
  spec.unigram->byte_fallback = false;
  if (spec.charsmap) spec.normalizer.emplace(source).add(CharsmapNormalizer{*spec.charsmap});
  spec.cutters.push_back(space_cutter());
  Metaspace& space = spec.metaspace.emplace();
  const bool prefix = settings.flag("add_prefix_space", true);
  space.prepend = prefix ? Metaspace::Prepend::kAlways : Metaspace::Prepend::kNever;
  spec.decoder.add(MetaspaceDecoder{encode_utf8({&space.mark, 1}), prefix});
}

/// ModelError where a file has a vocabulary of another kind than the class.
void check_kind(TokenizerClass made, const std::string& source, const TokenizerSpec& spec) {
  const auto refuse = [&](bool has, const char* what) {
    throw ModelError(cat(source, ": has a vocabulary ", has ? "with " : "without ", what,
                         ", which is of another kind than the folder's tokenizer_class or model_type"));
  };
  const bool wants_scores = made == TokenizerClass::kXlmRoberta;
  const bool wants_merges = !wants_scores && made != TokenizerClass::kBert;
  if (wants_scores != spec.unigram.has_value()) refuse(spec.unigram.has_value(), "scores");
  if (wants_merges != spec.byte_bpe.has_value()) refuse(spec.byte_bpe.has_value(), "merges");
}

}  // namespace

Metaspace::Prepend llama_prefix(const TokenizerSettings& settings) {
  if (!settings.flag("add_prefix_space", true)) return Metaspace::Prepend::kNever;
  return settings.flag("legacy", false) ? Metaspace::Prepend::kAlways : Metaspace::Prepend::kFirst;
}

void make_steps(TokenizerClass made, const TokenizerSettings& settings, const std::string& source,
                TokenizerSpec& spec) {
  if (made == TokenizerClass::kBackend) return;
  check_kind(made, source, spec);
  switch (made) {
    case TokenizerClass::kBackend:
      return;
    case TokenizerClass::kXlmRoberta:
      return make_xlm_roberta(settings, source, spec);
    case TokenizerClass::kBert:
      return make_bert(settings, source, spec);
    case TokenizerClass::kRoberta:
    case TokenizerClass::kGpt2:
      return make_byte_level(settings, spec);
    case TokenizerClass::kQwen2:
      return make_qwen2(settings, source, spec);
    case TokenizerClass::kLlama:
      return make_llama(settings, spec);
  }
}

std::optional<AddedToken> named_token(TokenizerClass made, const TokenizerSettings& settings, const std::string& name) {
  if (settings.mentions(name)) return settings.token(name);
  for (const NamedToken& own : kOwnTokens) {
    if (own.made != whose_tokens(made) || name != own.name) continue;
    AddedToken token;
    token.content = decode_utf8(own.content);
    return token;
  }
  return std::nullopt;
}

bool make_own_template(TokenizerClass made, const TokenizerSettings& settings, TokenizerSpec& spec) {
  const bool xlm = made == TokenizerClass::kXlmRoberta, roberta = xlm || made == TokenizerClass::kRoberta;
  if (made != TokenizerClass::kBert && !roberta) return false;
  const auto id = [&](const char* name) {
    const auto token = named_token(made, settings, name);
    if (!token) throw ModelError(cat(settings.source(), ": ", name, ": is missing, but every text is given it"));
    return *spec.find(encode_utf8(token->content));
  };
  const int32_t cls = id(xlm ? "bos_token" : "cls_token"), sep = id(xlm ? "eos_token" : "sep_token");
  spec.single = encoder_single(cls, sep);
  spec.pair = encoder_pair(cls, sep, roberta);
  return true;
}

}  // namespace hiddenkey
