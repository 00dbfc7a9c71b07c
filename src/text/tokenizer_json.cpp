#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/file.h"
#include "core/json_file.h"
#include "core/text.h"
#include "text/settings.h"
#include "text/tokenizer_json_parts.h"
#include "text/tokenizer_spec.h"
#include "text/unicode.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::json;

class JsonReader {
 public:
  explicit JsonReader(const fs::path& folder)
      : source_((folder / "tokenizer.json").string()),
        json_(read_json_object(folder / "tokenizer.json")),
        settings_(folder) {}

  TokenizerSpec read() {
    try {
      read_model();
      read_added();
      read_normalizer(part("normalizer"), source_, spec_);
      read_pre_tokenizer(part("pre_tokenizer"), source_, spec_);
      if (spec_.byte_bpe) spec_.byte_bpe->finish(spec_.vocabulary);
      read_post_processor(part("post_processor"));
      read_decoder(part("decoder"), source_, spec_);
    } catch (const Json::exception& error) {
      fail(cat("is malformed: ", error.what()));
    }
    for (const char* name : {"[PAD]", "<pad>"}) {
      if (!spec_.pad) spec_.pad = spec_.vocabulary.find(name);
    }
    if (!spec_.pad) spec_.pad = named("pad_token", {});
    spec_.bos = named("bos_token", {"<s>", "<|begin_of_text|>", "<|endoftext|>"});
    spec_.eos = named("eos_token", {"</s>", "<|end_of_text|>", "<|endoftext|>"});
    return std::move(spec_);
  }

 private:
  [[noreturn]] void fail(const std::string& reason) const { throw ModelError(cat(source_, ": ", reason)); }
  Json part(const char* name) const { return json_.value(name, Json()); }

  void refuse_set(const Json& model, const char* name) const {
    const Json value = model.value(name, Json());
    const bool neutral = value.is_null() || value == Json(false) || value == Json("") || value == Json(0.0);
    if (!neutral) fail(cat("model.", name, ": ", value.dump(), " is not supported"));
  }

  void read_model() {
    const Json model = part("model");
    // Files of older versions do not name the type of a BPE or WordPiece.
    std::string type = part_type(model);
    if (type.empty() && model.is_object())
      type = model.contains("merges") ? "BPE" : model.contains("max_input_chars_per_word") ? "WordPiece" : "";
    if (type != "WordPiece" && type != "BPE")
      fail(cat("model.type: \"", type, "\" is not supported, only WordPiece and BPE"));
    const Json& vocab = model.at("vocab");
    if (!vocab.is_object() || vocab.empty()) fail("model.vocab: is empty, or no object");
    for (const auto& [token, id] : vocab.items()) spec_.vocabulary.add(token, id.get<int32_t>(), source_);
    type == "BPE" ? read_bpe(model) : read_wordpiece(model);
  }

  void read_wordpiece(const Json& model) {
    WordPiece& wordpiece = spec_.wordpiece.emplace();
    const std::string unknown = model.value("unk_token", "[UNK]");
    const auto id = spec_.vocabulary.find(unknown);
    if (!id) fail(cat("model.unk_token: \"", unknown, "\" is not in the vocabulary"));
    wordpiece.unknown = *id;
    wordpiece.prefix = model.value("continuing_subword_prefix", "##");
    wordpiece.longest_word = model.value("max_input_chars_per_word", std::size_t{100});
  }

  void read_bpe(const Json& model) {
    ByteBpe& bpe = spec_.byte_bpe.emplace();
    for (const char* name : {"dropout", "continuing_subword_prefix", "end_of_word_suffix"}) refuse_set(model, name);
    bpe.ignore_merges = model.value("ignore_merges", false);
    bpe.byte_fallback = model.value("byte_fallback", false);
    bpe.fuse_unknown = model.value("fuse_unk", false);
    if (const Json unknown = model.value("unk_token", Json()); unknown.is_string()) {
      bpe.unknown = spec_.vocabulary.find(unknown.get<std::string>());
      if (!bpe.unknown) fail(cat("model.unk_token: ", unknown.dump(), " is not in the vocabulary"));
    }
    for (const Json& merge : model.at("merges")) {
      if (merge.is_array() && merge.size() == 2) {
        bpe.add_merge(merge[0].get<std::string>(), merge[1].get<std::string>(), spec_.vocabulary, source_);
        continue;
      }
      bpe.add_merge(merge.get<std::string>(), spec_.vocabulary, cat(source_, ": model.merges"));
    }
  }

  void read_added() {
    const Json tokens = part("added_tokens");
    for (const Json& token : tokens.is_array() ? tokens : Json::array()) {
      const std::string content = token.at("content").get<std::string>();
      const int32_t id = token.at("id").get<int32_t>();
      if (!spec_.vocabulary.find(content)) spec_.vocabulary.add(content, id, source_);
      spec_.added.push_back({decode_utf8(content), *spec_.vocabulary.find(content), token.value("single_word", false),
                             token.value("lstrip", false), token.value("rstrip", false),
                             token.value("normalized", !token.value("special", false)), token.value("special", false)});
    }
  }

  /// The names that the files give, or else those that models of the known families have.
  std::optional<int32_t> named(const char* name, std::initializer_list<const char*> usual) const {
    if (settings_.mentions(name)) return spec_.vocabulary.find(settings_.token(name, ""));
    for (const char* token : usual) {
      if (const auto id = spec_.vocabulary.find(token)) return id;
    }
    return std::nullopt;
  }

  int32_t special_id(const Json& pair) const {
    const std::string token = pair.at(0).get<std::string>();
    if (!spec_.vocabulary.has_id(pair.at(1).get<int32_t>()))
      fail(cat("post_processor: the token \"", token, "\" is not in the vocabulary"));
    return pair.at(1).get<int32_t>();
  }

  void read_post_processor(const Json& post) {
    using Kind = TemplatePart::Kind;
    const std::string type = part_type(post);
    if (type.empty() || type == "ByteLevel") {
      if (!spec_.single.empty()) return;
      spec_.single = {{Kind::kFirst, 0, 0}};
      spec_.pair = {{Kind::kFirst, 0, 0}, {Kind::kSecond, 0, 1}};
    } else if (type == "BertProcessing" || type == "RobertaProcessing") {
      const int32_t cls = special_id(post.at("cls")), sep = special_id(post.at("sep"));
      const bool roberta = type == "RobertaProcessing";
      const int32_t second = roberta ? 0 : 1;
      spec_.single = {{Kind::kToken, cls, 0}, {Kind::kFirst, 0, 0}, {Kind::kToken, sep, 0}};
      spec_.pair = spec_.single;
      if (roberta) spec_.pair.push_back({Kind::kToken, sep, 0});
      spec_.pair.push_back({Kind::kSecond, 0, second});
      spec_.pair.push_back({Kind::kToken, sep, second});
    } else if (type == "TemplateProcessing") {
      spec_.single = read_template(post.at("single"), post.at("special_tokens"));
      spec_.pair = read_template(post.at("pair"), post.at("special_tokens"));
    } else if (type == "Sequence") {
      for (const Json& processor : post.at("processors")) read_post_processor(processor);
    } else {
      fail(cat("post_processor.type: \"", type, "\" is not supported"));
    }
  }

  Template read_template(const Json& parts, const Json& specials) const {
    Template result;
    for (const Json& part : parts) {
      TemplatePart made;
      if (part.contains("Sequence")) {
        const Json& sequence = part["Sequence"];
        made.kind = sequence.at("id") == "B" ? TemplatePart::Kind::kSecond : TemplatePart::Kind::kFirst;
        made.type_id = sequence.value("type_id", 0);
        result.push_back(made);
        continue;
      }
      const Json& token = part.at("SpecialToken");
      made.kind = TemplatePart::Kind::kToken;
      made.type_id = token.value("type_id", 0);
      for (const Json& id : specials.at(token.at("id").get<std::string>()).at("ids")) {
        made.id = id.get<int32_t>();
        if (!spec_.vocabulary.has_id(made.id))
          fail(cat("post_processor: the id ", made.id, " is not in the vocabulary"));
        result.push_back(made);
      }
    }
    return result;
  }

  std::string source_;
  Json json_;
  TokenizerSettings settings_;
  TokenizerSpec spec_;
};

}  // namespace

TokenizerSpec read_tokenizer_json(const fs::path& folder) { return JsonReader(folder).read(); }

}  // namespace hiddenkey
