#include <charconv>

#include "core/error.h"
#include "core/text.h"
#include "text/settings.h"
#include "text/tokenizer_spec.h"
#include "text/unicode.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::json;

/// The id of a special token, or nothing where the vocabulary lacks it.
std::optional<int32_t> special_id(const TokenizerSpec& spec, const TokenizerSettings& settings, const char* name,
                                  const char* otherwise) {
  return spec.vocabulary.find(settings.token(name, otherwise));
}

void add_token(TokenizerSpec& spec, const std::string& key, const Json& token, const std::string& source) {
  int32_t id = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
  if (error != std::errc() || end != key.data() + key.size() || !token.is_object())
    throw ModelError(cat(source, ": added_tokens_decoder: \"", key, "\" is no token"));
  const std::string content = token.value("content", "");
  if (const auto known = spec.vocabulary.find(content); !known) {
    spec.vocabulary.add(content, id, source);
  } else if (*known != id) {
    throw ModelError(cat(source, ": added_tokens_decoder: \"", content, "\" has the id ", id, ", not ", *known));
  }
  std::erase_if(spec.added, [&](const AddedToken& other) { return other.id == id; });
  spec.added.push_back({decode_utf8(content), id, token.value("single_word", false), token.value("lstrip", false),
                        token.value("rstrip", false), token.value("normalized", false), token.value("special", false)});
}

void read_added(TokenizerSpec& spec, const TokenizerSettings& settings, const std::string& source) {
  for (const int32_t id : spec.sentence_piece->special_ids())
    spec.added.push_back({decode_utf8(*spec.vocabulary.token_of(id)), id, false, false, false, false, true});
  const Json tokens = settings.added_tokens();
  try {
    for (const auto& [key, token] : tokens.items()) add_token(spec, key, token, source);
  } catch (const Json::exception& error) {
    throw ModelError(cat(source, ": added_tokens_decoder: is malformed: ", error.what()));
  }
}

Metaspace::Prepend prefix_space(const TokenizerSettings& settings) {
  if (!settings.flag("add_prefix_space", true)) return Metaspace::Prepend::kNever;
  return settings.flag("legacy", false) ? Metaspace::Prepend::kAlways : Metaspace::Prepend::kFirst;
}

}  // namespace

TokenizerSpec read_sentence_piece(const std::filesystem::path& folder) {
  const TokenizerSettings settings(folder);
  const std::filesystem::path path = folder / "tokenizer.model";
  TokenizerSpec spec;
  spec.sentence_piece.emplace(path);
  spec.sentence_piece->add_pieces(spec.vocabulary);
  spec.sentence_piece->prefix_space = prefix_space(settings);
  read_added(spec, settings, (folder / "tokenizer_config.json").string());
  spec.bos = special_id(spec, settings, "bos_token", "<s>");
  spec.eos = special_id(spec, settings, "eos_token", "</s>");
  spec.pad = special_id(spec, settings, "pad_token", "<pad>");
  const bool begins = settings.flag("add_bos_token", true), ends = settings.flag("add_eos_token", false);
  if (begins && !spec.bos) throw ModelError(cat(path.string(), ": lacks the token that a text begins with"));
  if (ends && !spec.eos) throw ModelError(cat(path.string(), ": lacks the token that a text ends with"));
  const auto begin = begins ? spec.bos : std::nullopt, end = ends ? spec.eos : std::nullopt;
  spec.single = framed_single(begin, end);
  spec.pair = framed_pair(begin, end);
  spec.decoder = llama_decoder(spec.sentence_piece->prefix_space != Metaspace::Prepend::kNever);
  return spec;
}

}  // namespace hiddenkey
