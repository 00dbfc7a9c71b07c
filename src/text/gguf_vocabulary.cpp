#include "text/gguf_vocabulary.h"

#include <algorithm>
#include <functional>

#include "core/error.h"
#include "core/file.h"
#include "core/log.h"
#include "core/text.h"
#include "text/gguf_words.h"
#include "text/tokenizer_spec.h"
#include "text/unicode.h"

namespace hiddenkey {
namespace {

constexpr const char* kSource = "tokenizer.ggml";

enum TokenType : int32_t { kNormal = 1, kUnknown, kControl, kUserDefined, kUnused, kByte };

[[noreturn]] void fail(const std::string& reason) { throw ModelError(cat(kSource, reason)); }

class GgufReader {
 public:
  explicit GgufReader(const GgufVocabulary& given) : given_(given) {}

  TokenizerSpec read() {
    if (given_.model != "gpt2" && given_.model != "llama")
      fail(cat(".model: \"", given_.model, "\" is not supported, only gpt2 and llama"));
    read_tokens();
    given_.model == "gpt2" ? read_gpt2() : read_llama();
    spec_.bos = checked(given_.bos, "bos_token_id");
    spec_.eos = checked(given_.eos, "eos_token_id");
    spec_.pad = checked(given_.pad, "padding_token_id");
    const auto begin = given_.add_bos ? required(spec_.bos, "bos") : std::nullopt;
    const auto end = given_.add_eos ? required(spec_.eos, "eos") : std::nullopt;
    spec_.single = framed_single(begin, end);
    spec_.pair = framed_pair(begin, end);
    return std::move(spec_);
  }

 private:
  int32_t type_of(std::size_t id) const { return given_.token_types.empty() ? kNormal : given_.token_types[id]; }

  std::optional<int32_t> checked(std::optional<int32_t> id, const char* name) const {
    if (id && !spec_.vocabulary.has_id(*id)) fail(cat(".", name, ": ", *id, " is no token"));
    return id;
  }

  static std::optional<int32_t> required(std::optional<int32_t> id, const char* name) {
    if (!id) fail(cat(".add_", name, "_token: is set, but there is no such token"));
    return id;
  }

  void read_tokens() {
    if (given_.tokens.empty()) fail(".tokens: is empty");
    if (!given_.token_types.empty() && given_.token_types.size() != given_.tokens.size())
      fail(cat(".token_type: has ", given_.token_types.size(), " entries for ", given_.tokens.size(), " tokens"));
    for (std::size_t id = 0; id < given_.tokens.size(); ++id) {
      const int32_t type = type_of(id), number = static_cast<int32_t>(id);
      if (type < kNormal || type > kByte) fail(cat(".token_type: ", type, " is not supported"));
      spec_.vocabulary.add(given_.tokens[id], number, cat(kSource, ".tokens"));
      const bool special = type == kControl || (type == kUnknown && given_.model == "llama");
      if (!special && type != kUserDefined) continue;
      AddedToken token;
      token.content = decode_utf8(given_.tokens[id]);
      token.special = special;
      spec_.added.add(std::move(token), spec_.vocabulary);
    }
  }

  void read_gpt2() {
    ByteBpe& bpe = spec_.byte_bpe.emplace();
    for (const std::string& merge : given_.merges) bpe.add_merge(merge, spec_.vocabulary, cat(kSource, ".merges"));
    bpe.finish(spec_.vocabulary);
    bpe.unknown = checked(given_.unknown, "unknown_token_id");
    spec_.decoder.add(ByteLevelDecoder{});
    if (given_.pre.empty() || given_.pre == "default") {
      log::warning(cat(kSource, ".pre: ", given_.pre.empty() ? "is missing" : "is \"default\"",
                       ": words are cut by llama.cpp's default rule, which may not be the one that the model was "
                       "trained with"));
    }
    const GgufWords& words = gguf_words(given_.pre);
    bpe.ignore_merges = words.ignore_merges;
    bpe.use_regex = words.gpt2_words;
    if (words.nfc) spec_.normalizer.emplace(cat(kSource, ".pre")).add(NfcNormalizer{});
    if (words.digits_alone) spec_.cutters.push_back(digit_cutter(true));
    for (const char* regex : words.regexes) spec_.cutters.push_back(regex_cutter(regex, cat(kSource, ".pre")));
  }

  void read_llama() {
    if (given_.scores.size() != given_.tokens.size())
      fail(cat(".scores: has ", given_.scores.size(), " entries for ", given_.tokens.size(), " tokens"));
    ByteBpe& bpe = spec_.byte_bpe.emplace();
    bpe.byte_level = bpe.use_regex = false;
    bpe.byte_fallback = bpe.fuse_unknown = true;
    bpe.unknown = checked(given_.unknown, "unknown_token_id");
    add_scored_merges(bpe);
    bpe.finish(spec_.vocabulary);
    Metaspace& space = spec_.metaspace.emplace();
    space.prepend = given_.add_space_prefix ? Metaspace::Prepend::kFirst : Metaspace::Prepend::kNever;
    space.split = false;
    spec_.decoder = llama_decoder(given_.add_space_prefix);
  }

  bool is_piece(std::optional<int32_t> id) const { return id && type_of(static_cast<std::size_t>(*id)) == kNormal; }

  /// Two pieces that together are a third may be merged; the best score is merged first, equal ones from the left.
  void add_scored_merges(ByteBpe& bpe) {
    std::vector<float> scores = given_.scores;
    std::sort(scores.begin(), scores.end(), std::greater<>());
    scores.erase(std::unique(scores.begin(), scores.end()), scores.end());
    for (std::size_t id = 0; id < given_.tokens.size(); ++id) {
      if (type_of(id) != kNormal) continue;
      const std::string_view whole = given_.tokens[id];
      const auto place = std::lower_bound(scores.begin(), scores.end(), given_.scores[id], std::greater<>());
      const auto rank = static_cast<int32_t>(place - scores.begin());
      for (std::size_t cut = 1; cut < whole.size(); ++cut) {
        const auto left = spec_.vocabulary.find(whole.substr(0, cut)), right = spec_.vocabulary.find(whole.substr(cut));
        if (is_piece(left) && is_piece(right)) bpe.add_ranked(*left, *right, static_cast<int32_t>(id), rank);
      }
    }
  }

  const GgufVocabulary& given_;
  TokenizerSpec spec_;
};

/// Fields one after the other, each with its length, so that different vocabularies give different bytes.
class FieldBytes {
 public:
  void add(std::string_view text) { bytes_ += cat(text.size(), ":", text); }
  void add(std::optional<int32_t> id) { add(id ? std::to_string(*id) : "none"); }
  template <class T>
  void add_all(const std::vector<T>& values) {
    bytes_ += cat("[", values.size(), "]");
    for (const T& value : values) add_value(value);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  void add_value(const std::string& text) { add(text); }
  void add_value(int32_t value) { add(std::to_string(value)); }
  void add_value(float value) { add(format_number(static_cast<double>(value))); }

  std::string bytes_;
};

}  // namespace

TokenizerSpec read_gguf_vocabulary(const GgufVocabulary& given) { return GgufReader(given).read(); }

std::string fingerprint_of(const GgufVocabulary& given) {
  FieldBytes fields;
  for (const std::string& text : {std::string("gguf 2"), given.model, given.pre}) fields.add(text);
  fields.add_all(given.tokens);
  fields.add_all(given.scores);
  fields.add_all(given.token_types);
  fields.add_all(given.merges);
  for (const auto& id : {given.bos, given.eos, given.pad, given.unknown}) fields.add(id);
  for (const bool flag : {given.add_bos, given.add_eos, given.add_space_prefix}) fields.add(flag ? "1" : "0");
  return sha256_of_bytes(fields.bytes());
}

}  // namespace hiddenkey
