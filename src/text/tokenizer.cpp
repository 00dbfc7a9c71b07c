#include "text/tokenizer.h"

#include <algorithm>
#include <unordered_set>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "text/tokenizer_spec.h"
#include "text/unicode.h"

namespace hiddenkey {

struct Tokenizer::Impl {
  TokenizerSpec spec;
  std::vector<AddedToken> raw_added, normalized_added;
  std::unordered_set<int32_t> special_ids;
  std::string fingerprint;

  static std::unique_ptr<Impl> make(TokenizerSpec spec, std::string fingerprint);
  void encode_words(std::u32string_view text, bool at_start, std::vector<int32_t>& ids) const;
  void encode_bpe(std::u32string_view text, bool at_start, std::vector<int32_t>& ids) const;
  void encode_unigram(std::u32string_view text, bool at_start, std::vector<int32_t>& ids) const;
  std::vector<int32_t> encode_text(std::string_view text) const;
  Encoding assemble(std::vector<int32_t> first, std::vector<int32_t> second, const Template& parts,
                    int max_length) const;
};

namespace {

constexpr const char* kFiles[] = {
    "tokenizer.json", "tokenizer.model",       "sentencepiece.bpe.model", "vocab.txt",         "vocab.json",
    "merges.txt",     "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "config.json"};
// Changes whenever the same files give other ids.
constexpr const char* kFingerprintVersion = "2";

std::string fingerprint_of(const FolderFiles& files) {
  std::string bytes = kFingerprintVersion;
  for (const char* name : kFiles) {
    std::error_code error;
    if (fs::is_regular_file(files.path(name), error)) bytes += cat(name, " ", files.sha256(name), "\n");
  }
  return sha256_of_bytes(bytes);
}

/// How many ids of each text stay within `room`: the longer one is cut first, as `tokenizers` does it (longest_first).
std::pair<std::size_t, std::size_t> longest_first(std::size_t first, std::size_t second, std::size_t room) {
  if (first + second <= room) return {first, second};
  const bool swapped = first > second;
  std::size_t small = std::min(first, second), large;
  large = small > room ? small : std::max(small, room - small);
  if (small + large > room) {
    small = room / 2;
    large = small + room % 2;
  }
  return swapped ? std::pair{large, small} : std::pair{small, large};
}

void cut(std::vector<int32_t>& ids, std::size_t keep, bool from_left) {
  if (from_left) {
    ids.erase(ids.begin(), ids.end() - static_cast<std::ptrdiff_t>(keep));
  } else {
    ids.resize(keep);
  }
}

}  // namespace

std::unique_ptr<Tokenizer::Impl> Tokenizer::Impl::make(TokenizerSpec spec, std::string fingerprint) {
  auto impl = std::make_unique<Impl>();
  impl->spec = std::move(spec);
  impl->fingerprint = std::move(fingerprint);
  for (AddedToken token : impl->spec.added.tokens()) {
    if (token.special) impl->special_ids.insert(token.id);
    if (token.special && impl->spec.splits_special) continue;
    if (!token.normalized) {
      impl->raw_added.push_back(std::move(token));
      continue;
    }
    if (impl->spec.normalizer) token.content = impl->spec.normalizer->normalize(token.content);
    impl->normalized_added.push_back(std::move(token));
  }
  return impl;
}

void Tokenizer::Impl::encode_bpe(std::u32string_view text, bool at_start, std::vector<int32_t>& ids) const {
  if (spec.metaspace) {
    const std::u32string marked = spec.metaspace->apply(text, at_start);
    for (const auto word : spec.metaspace->words(marked)) spec.byte_bpe->encode(word, spec.vocabulary, ids);
    return;
  }
  for (const auto part : cut_by(text, spec.cutters)) spec.byte_bpe->encode(part, spec.vocabulary, ids);
}

void Tokenizer::Impl::encode_unigram(std::u32string_view text, bool at_start, std::vector<int32_t>& ids) const {
  for (const auto part : cut_by(text, spec.cutters)) {
    if (!spec.metaspace) {
      spec.unigram->encode(part, spec.vocabulary, ids);
      continue;
    }
    const std::u32string marked = spec.metaspace->apply(part, at_start && part.data() == text.data());
    for (const auto word : spec.metaspace->words(marked)) spec.unigram->encode(word, spec.vocabulary, ids);
  }
}

void Tokenizer::Impl::encode_words(std::u32string_view text, bool at_start, std::vector<int32_t>& ids) const {
  if (spec.sentence_piece) return spec.sentence_piece->encode(text, at_start, ids);
  if (spec.unigram) return encode_unigram(text, at_start, ids);
  if (spec.byte_bpe) return encode_bpe(text, at_start, ids);
  for (const std::u32string_view word : bert_words(text)) spec.wordpiece->encode(word, spec.vocabulary, ids);
}

std::vector<int32_t> Tokenizer::Impl::encode_text(std::string_view bytes) const {
  std::vector<int32_t> ids;
  const std::u32string text = decode_utf8(bytes);
  for (const TextPart& part : cut_at_tokens(text, raw_added)) {
    if (part.id) {
      ids.push_back(*part.id);
      continue;
    }
    const std::u32string normalized =
        spec.normalizer ? spec.normalizer->normalize(part.text) : std::u32string(part.text);
    for (const TextPart& inner : cut_at_tokens(normalized, normalized_added)) {
      const bool at_start = part.text.data() == text.data() && inner.text.data() == normalized.data();
      inner.id ? ids.push_back(*inner.id) : encode_words(inner.text, at_start, ids);
    }
  }
  return ids;
}

Encoding Tokenizer::Impl::assemble(std::vector<int32_t> first, std::vector<int32_t> second, const Template& parts,
                                   int max_length) const {
  Encoding encoding;
  if (max_length > 0) {
    const auto special = static_cast<std::size_t>(std::count_if(
        parts.begin(), parts.end(), [](const TemplatePart& part) { return part.kind == TemplatePart::Kind::kToken; }));
    const auto limit = static_cast<std::size_t>(max_length);
    const std::size_t room = limit > special ? limit - special : 0;
    const auto [keep_first, keep_second] = longest_first(first.size(), second.size(), room);
    encoding.truncated = keep_first < first.size() || keep_second < second.size();
    cut(first, keep_first, spec.truncates_left);
    cut(second, keep_second, spec.truncates_left);
  }
  for (const TemplatePart& part : parts) {
    const std::vector<int32_t> token = {part.id};
    const std::vector<int32_t>& ids = part.kind == TemplatePart::Kind::kToken   ? token
                                      : part.kind == TemplatePart::Kind::kFirst ? first
                                                                                : second;
    encoding.ids.insert(encoding.ids.end(), ids.begin(), ids.end());
    encoding.type_ids.insert(encoding.type_ids.end(), ids.size(), part.type_id);
  }
  return encoding;
}

Tokenizer::Tokenizer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

Tokenizer Tokenizer::load(const FolderFiles& files) {
  TokenizerSpec spec = read_tokenizer_folder(files);
  return Tokenizer(Impl::make(std::move(spec), fingerprint_of(files)));  // whose files have been read by now
}

Tokenizer Tokenizer::from_gguf(const GgufVocabulary& vocabulary) {
  return Tokenizer(Impl::make(read_gguf_vocabulary(vocabulary), hiddenkey::fingerprint_of(vocabulary)));
}

Encoding Tokenizer::encode(std::string_view text, int max_length) const {
  return impl_->assemble(impl_->encode_text(text), {}, impl_->spec.single, max_length);
}

Encoding Tokenizer::encode(std::string_view text, std::string_view pair, int max_length) const {
  return impl_->assemble(impl_->encode_text(text), impl_->encode_text(pair), impl_->spec.pair, max_length);
}

WordEncoding Tokenizer::encode_words(const std::vector<std::string>& words, int max_length) const {
  std::vector<int32_t> ids, starts;
  const bool spaced = impl_->spec.byte_bpe && !impl_->spec.metaspace;
  for (const std::string& word : words) {
    const std::vector<int32_t> own = impl_->encode_text(spaced ? cat(" ", word) : word);
    starts.push_back(own.empty() ? -1 : static_cast<int32_t>(ids.size()));
    ids.insert(ids.end(), own.begin(), own.end());
  }
  const auto all = static_cast<int32_t>(ids.size());
  const Template& parts = impl_->spec.single;
  const auto text = std::find_if(parts.begin(), parts.end(),
                                 [](const TemplatePart& part) { return part.kind == TemplatePart::Kind::kFirst; });
  WordEncoding result{impl_->assemble(std::move(ids), {}, parts, max_length), {}};
  const auto before = static_cast<int32_t>(text - parts.begin());
  const auto special = static_cast<int32_t>(parts.size()) - 1;
  const int32_t kept = static_cast<int32_t>(result.ids.size()) - special;
  const int32_t lost = impl_->spec.truncates_left ? all - kept : 0;
  for (const int32_t start : starts) {
    const bool there = start >= lost && start - lost < kept;
    result.word_places.push_back(there ? before + start - lost : -1);
  }
  return result;
}

std::vector<int32_t> Tokenizer::encode_plain(std::string_view text) const { return impl_->encode_text(text); }

std::string Tokenizer::decode(const std::vector<int32_t>& ids, bool skip_special_tokens) const {
  std::vector<std::string> tokens;
  for (const int32_t id : ids) {
    const std::string* token = impl_->spec.token_of(id);
    if (token != nullptr && !(skip_special_tokens && impl_->special_ids.contains(id))) tokens.push_back(*token);
  }
  return impl_->spec.decoder.decode(std::move(tokens));
}

std::string Tokenizer::token_of(int32_t id) const {
  const std::string* token = impl_->spec.token_of(id);
  if (token == nullptr) throw ModelError(cat("the tokenizer has no token with the id ", id));
  return *token;
}

int64_t Tokenizer::vocab_size() const { return std::max(impl_->spec.vocabulary.size(), impl_->spec.added.size()); }
std::optional<int32_t> Tokenizer::id_of(std::string_view token) const { return impl_->spec.find(token); }
std::optional<int32_t> Tokenizer::bos_id() const { return impl_->spec.bos; }
std::optional<int32_t> Tokenizer::eos_id() const { return impl_->spec.eos; }
std::optional<int32_t> Tokenizer::pad_id() const { return impl_->spec.pad; }
std::optional<int64_t> Tokenizer::limit() const { return impl_->spec.limit; }
const std::string& Tokenizer::fingerprint() const { return impl_->fingerprint; }

}  // namespace hiddenkey
