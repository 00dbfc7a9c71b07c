#include "text/tokenizer_json_parts.h"

#include <cctype>

#include "core/base64.h"
#include "core/error.h"
#include "core/text.h"
#include "text/unicode.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::json;

[[noreturn]] void refuse(const std::string& source, const char* part, const std::string& what,
                         const std::string& but = "") {
  throw ModelError(cat(source, ": ", part, ": ", what, " is not supported", but));
}

[[noreturn]] void refuse_type(const std::string& source, const char* part, const Json& value,
                              const std::string& but = "") {
  throw ModelError(cat(source, ": ", part, ".type: \"", part_type(value), "\" is not supported", but));
}

/// The text of a pattern that is no regular expression.
std::string string_pattern(const Json& part, const std::string& source, const char* name) {
  const Json& pattern = part.at("pattern");
  const Json text = pattern.is_object() ? pattern.value("String", Json()) : pattern;
  if (!text.is_string() || text.get<std::string>().empty()) refuse(source, name, cat("pattern ", pattern.dump()));
  return text.get<std::string>();
}

BertNormalizer bert_normalizer(const Json& part) {
  BertNormalizer bert;
  bert.clean_text = part.value("clean_text", true);
  bert.handle_chinese_chars = part.value("handle_chinese_chars", true);
  bert.lowercase = part.value("lowercase", true);
  const Json accents = part.value("strip_accents", Json());
  bert.strip_accents = accents.is_boolean() ? accents.get<bool>() : bert.lowercase;
  return bert;
}

/// Of regular expressions that of the files that were made from SentencePiece's: a run of spaces.
void add_replace(const Json& part, const std::string& source, Normalizer& normalizer) {
  const std::u32string content = decode_utf8(part.at("content").get<std::string>());
  if (part.at("pattern") == Json({{"Regex", " {2,}"}})) return normalizer.add(SpaceRunNormalizer{content});
  normalizer.add(ReplaceNormalizer{decode_utf8(string_pattern(part, source, "normalizer")), content});
}

Charsmap charsmap_of(const Json& part, const std::string& source) {
  const auto table = decode_base64(part.at("precompiled_charsmap").get<std::string>());
  if (!table) throw ModelError(cat(source, ": normalizer: precompiled_charsmap: is no base64"));
  return Charsmap(*table, cat(source, ": normalizer"));
}

void add_normalizer(const Json& part, const std::string& source, Normalizer& normalizer) {
  const std::string type = part_type(part);
  if (type == "Sequence") {
    for (const Json& inner : part.at("normalizers")) add_normalizer(inner, source, normalizer);
  } else if (type == "BertNormalizer") {
    normalizer.add(bert_normalizer(part));
  } else if (type == "NFC") {
    normalizer.add(NfcNormalizer{});
  } else if (type == "Prepend") {
    normalizer.add(PrependNormalizer{decode_utf8(part.at("prepend").get<std::string>())});
  } else if (type == "Replace") {
    add_replace(part, source, normalizer);
  } else if (type == "Precompiled") {
    normalizer.add(CharsmapNormalizer{charsmap_of(part, source)});
  } else if (type == "Strip") {
    // Without its beginning a text no longer begins where a Metaspace of the scheme "first" looks.
    if (part.value("strip_left", true)) refuse(source, "normalizer", "a Strip of the left side");
    if (part.value("strip_right", true)) normalizer.add(StripEndNormalizer{});
  } else {
    refuse_type(source, "normalizer", part);
  }
}

/// The regular expression in which each of these characters stands for itself.
std::string quoted(const std::string& text) {
  std::string regex;
  for (const char c : text) {
    const bool mark = c > 0x20 && c < 0x7F && !std::isalnum(static_cast<unsigned char>(c));
    if (mark) regex += '\\';
    regex += c;
  }
  return regex;
}

std::unique_ptr<const Cutter> split_cutter(const Json& part, const std::string& source) {
  const Json behavior = part.value("behavior", Json());
  if (behavior != "Isolated") refuse(source, "pre_tokenizer", cat("a Split with the behavior ", behavior.dump()));
  const Json& pattern = part.at("pattern");
  const Json regex = pattern.value("Regex", Json());
  return regex_cutter(
      regex.is_string() ? regex.get<std::string>() : quoted(string_pattern(part, source, "pre_tokenizer")),
      cat(source, ": pre_tokenizer"));
}

Metaspace metaspace_of(const Json& part, const std::string& source) {
  Metaspace space;
  const std::u32string mark = decode_utf8(part.value("replacement", "\u2581"));
  if (mark.size() != 1) refuse(source, "pre_tokenizer", cat("the replacement ", part["replacement"].dump()));
  space.mark = mark[0];
  space.split = part.value("split", true);
  // Older files have a flag instead of the scheme.
  const std::string scheme = part.value("prepend_scheme", part.value("add_prefix_space", true) ? "always" : "never");
  if (scheme != "always" && scheme != "first" && scheme != "never")
    refuse(source, "pre_tokenizer", cat("the prepend_scheme \"", scheme, "\""));
  space.prepend = scheme == "always"  ? Metaspace::Prepend::kAlways
                  : scheme == "first" ? Metaspace::Prepend::kFirst
                                      : Metaspace::Prepend::kNever;
  return space;
}

/// The steps of a part: those of a Sequence, or itself alone; none where it is null.
std::vector<Json> steps_of(const Json& part, const char* name) {
  if (part.is_null()) return {};
  if (part_type(part) != "Sequence") return {part};
  std::vector<Json> steps;
  for (const Json& step : part.at(name)) steps.push_back(step);
  return steps;
}

void read_byte_level(const Json& part, ByteBpe& bpe) {
  bpe.byte_level = true;
  bpe.add_prefix_space = part.value("add_prefix_space", true);
  bpe.use_regex = part.value("use_regex", true);
}

void read_bpe_steps(const std::vector<Json>& steps, const std::string& source, TokenizerSpec& spec) {
  ByteBpe& bpe = *spec.byte_bpe;
  bpe.byte_level = bpe.use_regex = false;
  for (const Json& step : steps) {
    const std::string type = part_type(step);
    if (bpe.byte_level || spec.metaspace) refuse(source, "pre_tokenizer", cat("\"", type, "\" behind the last step"));
    if (type == "ByteLevel") {
      read_byte_level(step, bpe);
    } else if (type == "Split") {
      spec.cutters.push_back(split_cutter(step, source));
    } else if (type == "Digits") {
      spec.cutters.push_back(digit_cutter(step.value("individual_digits", false)));
    } else if (type == "Metaspace" && spec.cutters.empty()) {
      spec.metaspace = metaspace_of(step, source);
    } else {
      refuse_type(source, "pre_tokenizer", step, " with this model, only ByteLevel, Split, Digits and Metaspace");
    }
  }
}

void read_unigram_steps(const std::vector<Json>& steps, const std::string& source, TokenizerSpec& spec) {
  for (const Json& step : steps) {
    const std::string type = part_type(step);
    if (spec.metaspace) refuse(source, "pre_tokenizer", cat("\"", type, "\" behind the last step"));
    if (type == "WhitespaceSplit") {
      spec.cutters.push_back(space_cutter());
    } else if (type == "Metaspace") {
      spec.metaspace = metaspace_of(step, source);
    } else {
      refuse_type(source, "pre_tokenizer", step, " with this model, only WhitespaceSplit and Metaspace");
    }
  }
}

void add_decoder(const Json& part, const std::string& source, Decoder& decoder) {
  const std::string type = part_type(part);
  if (type == "Sequence") {
    for (const Json& inner : part.at("decoders")) add_decoder(inner, source, decoder);
  } else if (type == "ByteLevel") {
    decoder.add(ByteLevelDecoder{});
  } else if (type == "WordPiece") {
    decoder.add(WordPieceDecoder{part.value("prefix", "##"), part.value("cleanup", true)});
  } else if (type == "Replace") {
    decoder.add(ReplaceDecoder{string_pattern(part, source, "decoder"), part.at("content").get<std::string>()});
  } else if (type == "ByteFallback") {
    decoder.add(ByteFallbackDecoder{});
  } else if (type == "Fuse") {
    decoder.add(FuseDecoder{});
  } else if (type == "Strip") {
    const std::string content = part.at("content").get<std::string>();
    if (decode_utf8(content).size() != 1) refuse(source, "decoder", cat("a Strip of ", part["content"].dump()));
    decoder.add(StripDecoder{content, part.value("start", std::size_t{0}), part.value("stop", std::size_t{0})});
  } else if (type == "Metaspace") {
    const Metaspace space = metaspace_of(part, source);
    decoder.add(MetaspaceDecoder{encode_utf8({&space.mark, 1}), space.prepend != Metaspace::Prepend::kNever});
  } else {
    refuse_type(source, "decoder", part);
  }
}

}  // namespace

std::string part_type(const Json& part) { return part.is_object() ? part.value("type", "") : ""; }

void read_normalizer(const Json& part, const std::string& source, TokenizerSpec& spec) {
  if (!part.is_null()) add_normalizer(part, source, spec.normalizer.emplace(cat(source, ": normalizer")));
}

void read_unigram(const Json& model, const Json& normalizer, const std::string& source, TokenizerSpec& spec) {
  Unigram& unigram = spec.unigram.emplace();
  int32_t next = 0;
  for (const Json& piece : model.at("vocab")) {
    const bool whole = piece.is_array() && piece.size() == 2 && piece[0].is_string() && piece[1].is_number();
    if (!whole) throw ModelError(cat(source, ": model.vocab: ", piece.dump(), " is no piece with its score"));
    spec.vocabulary.add(piece[0].get<std::string>(), next++, source);
    unigram.add(piece[0].get<std::string>(), piece[1].get<double>());
  }
  if (next == 0) throw ModelError(cat(source, ": model.vocab: is empty"));
  const Json unknown = model.value("unk_id", Json());
  if (!unknown.is_number_unsigned() || unknown >= next)
    throw ModelError(cat(source, ": model.unk_id: ", unknown.dump(), " is no piece"));
  unigram.unknown = unknown.get<int32_t>();
  unigram.byte_fallback = model.value("byte_fallback", false);
  for (const Json& step : steps_of(normalizer, "normalizers")) {
    if (part_type(step) != "Precompiled" || spec.charsmap) continue;
    spec.charsmap = charsmap_of(step, source);
  }
}

void read_pre_tokenizer(const Json& part, const std::string& source, TokenizerSpec& spec) {
  const std::vector<Json> steps = steps_of(part, "pretokenizers");
  if (spec.byte_bpe) return read_bpe_steps(steps, source, spec);
  if (spec.unigram) return read_unigram_steps(steps, source, spec);
  if (steps.size() != 1 || part_type(steps[0]) != "BertPreTokenizer")
    refuse_type(source, "pre_tokenizer", part, " with this model, only BertPreTokenizer");
}

void read_decoder(const Json& part, const std::string& source, TokenizerSpec& spec) {
  spec.decoder = Decoder(cat(source, ": decoder"));
  if (!part.is_null()) add_decoder(part, source, spec.decoder);
}

}  // namespace hiddenkey
