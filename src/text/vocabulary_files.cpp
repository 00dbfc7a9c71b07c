#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/file.h"
#include "core/json_file.h"
#include "core/text.h"
#include "text/settings.h"
#include "text/tokenizer_spec.h"
#include "text/unicode.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::json;
using Kind = TemplatePart::Kind;

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

std::vector<std::string> lines_of(const fs::path& path) {
  std::vector<std::string> lines = split(read_file(path), '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  for (std::string& line : lines) {
    if (line.ends_with('\r')) line.pop_back();
  }
  return lines;
}

int32_t require(const TokenizerSpec& spec, const std::string& token, const fs::path& path) {
  const auto id = spec.vocabulary.find(token);
  if (!id) throw ModelError(cat(path.string(), ": lacks the special token \"", token, "\""));
  return *id;
}

void add_special(TokenizerSpec& spec, const std::string& token, bool lstrip) {
  if (const auto id = spec.vocabulary.find(token))
    spec.added.push_back({decode_utf8(token), *id, false, lstrip, false, false, true});
}

TokenizerSpec read_bert(const fs::path& folder) {
  const fs::path path = folder / "vocab.txt";
  const TokenizerSettings settings(folder);
  TokenizerSpec spec;
  int32_t id = 0;
  for (const std::string& line : lines_of(path)) {
    spec.vocabulary.add(line, id, cat(path.string(), ":", id + 1));
    ++id;
  }
  if (spec.vocabulary.empty()) throw ModelError(cat(path.string(), ": is empty"));
  const std::string unknown = settings.token("unk_token", "[UNK]"), cls = settings.token("cls_token", "[CLS]"),
                    sep = settings.token("sep_token", "[SEP]");
  const std::string pad = settings.token("pad_token", "[PAD]"), mask = settings.token("mask_token", "[MASK]");
  spec.wordpiece.emplace().unknown = require(spec, unknown, path);
  BertNormalizer normalizer;
  normalizer.lowercase = settings.flag("do_lower_case", true);
  normalizer.handle_chinese_chars = settings.flag("tokenize_chinese_chars", true);
  normalizer.strip_accents = settings.flag("strip_accents", normalizer.lowercase);
  spec.normalizer.emplace().add(normalizer);
  spec.decoder.add(WordPieceDecoder{});
  const int32_t first = require(spec, cls, path), last = require(spec, sep, path);
  spec.single = {{Kind::kToken, first, 0}, {Kind::kFirst, 0, 0}, {Kind::kToken, last, 0}};
  spec.pair = {{Kind::kToken, first, 0},
               {Kind::kFirst, 0, 0},
               {Kind::kToken, last, 0},
               {Kind::kSecond, 0, 1},
               {Kind::kToken, last, 1}};
  for (const std::string& token : {unknown, sep, pad, cls, mask}) add_special(spec, token, false);
  spec.pad = spec.vocabulary.find(pad);
  return spec;
}

void read_merges(const fs::path& path, TokenizerSpec& spec) {
  int64_t number = 0;
  for (const std::string& line : lines_of(path)) {
    ++number;
    if (line.empty() || (number == 1 && line.starts_with("#version"))) continue;
    spec.byte_bpe->add_merge(line, spec.vocabulary, cat(path.string(), ":", number));
  }
}

TokenizerSpec read_byte_bpe(const fs::path& folder) {
  const fs::path path = folder / "vocab.json";
  const TokenizerSettings settings(folder);
  TokenizerSpec spec;
  const Json vocab = read_json_object(path);
  for (const auto& [token, id] : vocab.items()) {
    if (!id.is_number_integer()) throw ModelError(cat(path.string(), ": the token \"", token, "\" has no id"));
    spec.vocabulary.add(token, id.get<int32_t>(), path.string());
  }
  if (spec.vocabulary.empty()) throw ModelError(cat(path.string(), ": is empty"));
  spec.byte_bpe.emplace();
  read_merges(folder / "merges.txt", spec);
  spec.byte_bpe->add_prefix_space = settings.flag("add_prefix_space", false);
  spec.byte_bpe->finish(spec.vocabulary);
  spec.decoder.add(ByteLevelDecoder{});
  const std::string bos = settings.token("bos_token", "<s>"), eos = settings.token("eos_token", "</s>");
  const bool roberta = spec.vocabulary.find("<s>") && spec.vocabulary.find("</s>") && spec.vocabulary.find("<mask>");
  if (!roberta) {
    spec.single = {{Kind::kFirst, 0, 0}};
    spec.pair = {{Kind::kFirst, 0, 0}, {Kind::kSecond, 0, 1}};
    const std::string end = settings.token("eos_token", "<|endoftext|>");
    add_special(spec, end, false);
    spec.eos = spec.vocabulary.find(end);
    spec.bos = spec.vocabulary.find(settings.token("bos_token", "<|endoftext|>"));
    return spec;
  }
  const int32_t cls = require(spec, settings.token("cls_token", bos), path),
                sep = require(spec, settings.token("sep_token", eos), path);
  spec.single = {{Kind::kToken, cls, 0}, {Kind::kFirst, 0, 0}, {Kind::kToken, sep, 0}};
  spec.pair = {{Kind::kToken, cls, 0}, {Kind::kFirst, 0, 0},  {Kind::kToken, sep, 0},
               {Kind::kToken, sep, 0}, {Kind::kSecond, 0, 0}, {Kind::kToken, sep, 0}};
  const std::string pad = settings.token("pad_token", "<pad>");
  for (const std::string& token : {bos, pad, eos, settings.token("unk_token", "<unk>")})
    add_special(spec, token, false);
  add_special(spec, settings.token("mask_token", "<mask>"), settings.lstrip("mask_token"));
  spec.pad = spec.vocabulary.find(pad);
  spec.bos = spec.vocabulary.find(bos);
  spec.eos = spec.vocabulary.find(eos);
  return spec;
}

}  // namespace

TokenizerSpec read_vocabulary_files(const fs::path& folder) {
  if (is_there(folder / "vocab.txt")) return read_bert(folder);
  if (is_there(folder / "vocab.json") && is_there(folder / "merges.txt")) return read_byte_bpe(folder);
  throw ModelError(
      cat(folder.string(),
          ": has no tokenizer: expected tokenizer.json, tokenizer.model, vocab.txt, or vocab.json with merges.txt"));
}

}  // namespace hiddenkey
