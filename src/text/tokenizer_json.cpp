#include "text/tokenizer_json.h"

#include <algorithm>

#include "core/error.h"
#include "core/json_file.h"
#include "core/log.h"
#include "core/text.h"
#include "text/tokenizer_json_parts.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::json;

constexpr const char* kParts[] = {"version",       "truncation",     "padding", "added_tokens", "normalizer",
                                  "pre_tokenizer", "post_processor", "decoder", "model"};

/// Files of older versions do not name the type.
std::string model_type(const Json& model) {
  std::string type = part_type(model);
  if (!type.empty() || !model.is_object()) return type;
  if (model.contains("merges")) return "BPE";
  return model.contains("max_input_chars_per_word") ? "WordPiece" : model.contains("unk_id") ? "Unigram" : "";
}

/// A JSON library would take the fraction off.
int32_t token_id(const Json& value, const std::string& source, const std::string& token) {
  if (!value.is_number_integer() || value < 0 || value > std::numeric_limits<int32_t>::max())
    throw ModelError(cat(source, ": the token \"", token, "\" has no id, but ", value.dump()));
  return value.get<int32_t>();
}

void read_merges(const Json& model, const std::string& source, TokenizerSpec& spec) {
  for (const Json& merge : model.at("merges")) {
    if (merge.is_array() && merge.size() == 2) {
      spec.byte_bpe->add_merge(merge[0].get<std::string>(), merge[1].get<std::string>(), spec.vocabulary, source);
    } else {
      spec.byte_bpe->add_merge(merge.get<std::string>(), spec.vocabulary, cat(source, ": model.merges"));
    }
  }
}

/// Runs a reader of this file's parts, and says where the file is not what it expects.
template <class Read>
auto reading(const std::string& source, const Read& read) {
  try {
    return read();
  } catch (const Json::exception& error) {
    throw ModelError(cat(source, ": is malformed: ", error.what()));
  }
}

}  // namespace

TokenizerJson::TokenizerJson(const std::string& bytes, std::string source)
    : source_(std::move(source)), json_(parse_json_object(bytes, source_)) {
  std::vector<std::string> unknown;
  for (const auto& [name, value] : json_.items()) {
    if (std::find(std::begin(kParts), std::end(kParts), name) == std::end(kParts)) unknown.push_back(name);
  }
  if (!unknown.empty()) log::warning(cat(source_, ": not known and without effect here: ", join(unknown, ", ")));
  Json& tokens = json_["added_tokens"];
  if (tokens.is_null()) tokens = Json::array();
  if (!tokens.is_array()) fail("added_tokens: is no list");
  for (const Json& token : tokens) {
    const bool whole = token.is_object() && token.contains("content") && token["content"].is_string();
    if (!whole) fail(cat("added_tokens: ", token.dump(), " is no token"));
    token_id(token.value("id", Json()), source_, token["content"].get<std::string>());
  }
}

void TokenizerJson::fail(const std::string& reason) const { throw ModelError(cat(source_, ": ", reason)); }

bool TokenizerJson::is_byte_level() const {
  return std::any_of(std::begin(kParts), std::end(kParts), [&](const char* name) {
    const std::string_view text = name;
    const bool step = text == "normalizer" || text == "pre_tokenizer" || text == "post_processor" || text == "decoder";
    return step && part(name).dump().find("\"ByteLevel\"") != std::string::npos;
  });
}

const Json& TokenizerJson::added_tokens() const { return json_.at("added_tokens"); }

std::optional<std::string> TokenizerJson::truncation_side() const {
  const Json truncation = part("truncation");
  if (!truncation.is_object()) return std::nullopt;
  return truncation.value("direction", Json()) == Json("Left") ? "left" : "right";
}

std::optional<std::string> TokenizerJson::pad_token() const {
  const Json padding = part("padding");
  const Json token = padding.is_object() ? padding.value("pad_token", Json()) : Json();
  return token.is_string() ? std::make_optional(token.get<std::string>()) : std::nullopt;
}

void TokenizerJson::read_vocabulary(TokenizerSpec& spec) const {
  reading(source_, [&] {
    const Json model = part("model");
    const std::string type = model_type(model);
    if (type == "Unigram") return read_unigram(model, part("normalizer"), source_, spec);
    if (type != "WordPiece" && type != "BPE")
      fail(cat("model.type: \"", type, "\" is not supported, only WordPiece, BPE and Unigram"));
    const Json& vocab = model.at("vocab");
    if (!vocab.is_object() || vocab.empty()) fail("model.vocab: is empty, or no object");
    for (const auto& [token, id] : vocab.items()) spec.vocabulary.add(token, token_id(id, source_, token), source_);
    if (type == "WordPiece") return;
    spec.byte_bpe.emplace();
    read_merges(model, source_, spec);
  });
}

void TokenizerJson::read_steps(TokenizerSpec& spec) const {
  reading(source_, [&] {
    const Json model = part("model");
    if (spec.unigram) spec.unigram->read_scores_as_decimals();
    if (!spec.unigram) spec.byte_bpe ? read_bpe(model, spec) : read_wordpiece(model, spec);
    read_normalizer(part("normalizer"), source_, spec);
    read_pre_tokenizer(part("pre_tokenizer"), source_, spec);
    read_decoder(part("decoder"), source_, spec);
  });
}

bool TokenizerJson::read_template(TokenizerSpec& spec) const {
  return reading(source_, [&] {
    const Json post = part("post_processor");
    if (!post.is_null()) read_post_processor(post, source_, spec);
    return !post.is_null();
  });
}

void TokenizerJson::read_wordpiece(const Json& model, TokenizerSpec& spec) const {
  WordPiece& wordpiece = spec.wordpiece.emplace();
  const std::string unknown = model.value("unk_token", "[UNK]");
  const auto id = spec.vocabulary.find(unknown);
  if (!id) fail(cat("model.unk_token: \"", unknown, "\" is not in the vocabulary"));
  wordpiece.unknown = *id;
  wordpiece.prefix = model.value("continuing_subword_prefix", "##");
  wordpiece.longest_word = model.value("max_input_chars_per_word", std::size_t{100});
}

void TokenizerJson::read_bpe(const Json& model, TokenizerSpec& spec) const {
  ByteBpe& bpe = *spec.byte_bpe;
  for (const char* name : {"dropout", "continuing_subword_prefix", "end_of_word_suffix"}) {
    const Json value = model.value(name, Json());
    const bool neutral = value.is_null() || value == Json(false) || value == Json("") || value == Json(0.0);
    if (!neutral) fail(cat("model.", name, ": ", value.dump(), " is not supported"));
  }
  bpe.ignore_merges = model.value("ignore_merges", false);
  bpe.byte_fallback = model.value("byte_fallback", false);
  bpe.fuse_unknown = model.value("fuse_unk", false);
  if (const Json unknown = model.value("unk_token", Json()); unknown.is_string()) {
    bpe.unknown = spec.vocabulary.find(unknown.get<std::string>());
    if (!bpe.unknown) fail(cat("model.unk_token: ", unknown.dump(), " is not in the vocabulary"));
  }
}

}  // namespace hiddenkey
