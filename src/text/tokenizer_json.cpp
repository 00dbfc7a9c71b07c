#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "text/tokenizer_spec.h"
#include "text/unicode.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::json;

class JsonReader {
 public:
  explicit JsonReader(const fs::path& path)
      : source_(path.string()), json_(Json::parse(read_file(path), nullptr, false)) {
    if (!json_.is_object()) fail("is no valid JSON object");
  }

  TokenizerSpec read() {
    try {
      read_model();
      read_added();
      read_normalizer();
      read_pre_tokenizer(part("pre_tokenizer"));
      read_post_processor(part("post_processor"));
    } catch (const Json::exception& error) {
      fail(cat("is malformed: ", error.what()));
    }
    for (const char* name : {"[PAD]", "<pad>"}) {
      if (!spec_.pad) spec_.pad = spec_.vocabulary.find(name);
    }
    return std::move(spec_);
  }

 private:
  [[noreturn]] void fail(const std::string& reason) const { throw ModelError(cat(source_, ": ", reason)); }
  Json part(const char* name) const { return json_.value(name, Json()); }

  static std::string type_of(const Json& value) { return value.is_object() ? value.value("type", "") : ""; }

  void refuse_set(const Json& model, const char* name) const {
    const Json value = model.value(name, Json());
    const bool neutral = value.is_null() || value == Json(false) || value == Json("") || value == Json(0.0);
    if (!neutral) fail(cat("model.", name, ": ", value.dump(), " is not supported"));
  }

  void read_model() {
    const Json model = part("model");
    // Files of older versions do not name the type of a BPE or WordPiece.
    std::string type = type_of(model);
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
    for (const char* name : {"dropout", "continuing_subword_prefix", "end_of_word_suffix", "byte_fallback", "fuse_unk"})
      refuse_set(model, name);
    bpe.ignore_merges = model.value("ignore_merges", false);
    if (const Json unknown = model.value("unk_token", Json()); unknown.is_string()) {
      bpe.unknown = spec_.vocabulary.find(unknown.get<std::string>());
      if (!bpe.unknown) fail(cat("model.unk_token: ", unknown.dump(), " is not in the vocabulary"));
    }
    for (const Json& merge : model.at("merges")) {
      if (merge.is_array() && merge.size() == 2) {
        bpe.add_merge(merge[0].get<std::string>(), merge[1].get<std::string>(), spec_.vocabulary, source_);
        continue;
      }
      const std::string text = merge.get<std::string>();
      const std::size_t space = text.find(' ');
      if (space == std::string::npos) fail(cat("model.merges: \"", text, "\" is no pair"));
      bpe.add_merge(text.substr(0, space), text.substr(space + 1), spec_.vocabulary, source_);
    }
    bpe.finish(spec_.vocabulary);
  }

  void read_added() {
    const Json tokens = part("added_tokens");
    for (const Json& token : tokens.is_array() ? tokens : Json::array()) {
      const std::string content = token.at("content").get<std::string>();
      const int32_t id = token.at("id").get<int32_t>();
      if (!spec_.vocabulary.find(content)) spec_.vocabulary.add(content, id, source_);
      spec_.added.push_back({decode_utf8(content), *spec_.vocabulary.find(content), token.value("single_word", false),
                             token.value("lstrip", false), token.value("rstrip", false),
                             token.value("normalized", !token.value("special", false))});
    }
  }

  void read_normalizer() {
    const Json normalizer = part("normalizer");
    if (normalizer.is_null()) return;
    if (type_of(normalizer) != "BertNormalizer")
      fail(cat("normalizer.type: \"", type_of(normalizer), "\" is not supported"));
    BertNormalizer& bert = spec_.normalizer.emplace();
    bert.clean_text = normalizer.value("clean_text", true);
    bert.handle_chinese_chars = normalizer.value("handle_chinese_chars", true);
    bert.lowercase = normalizer.value("lowercase", true);
    const Json accents = normalizer.value("strip_accents", Json());
    bert.strip_accents = accents.is_boolean() ? accents.get<bool>() : bert.lowercase;
  }

  void read_pre_tokenizer(const Json& pre) {
    const std::string type = type_of(pre);
    if (type == "Sequence" && pre.value("pretokenizers", Json::array()).size() == 1)
      return read_pre_tokenizer(pre["pretokenizers"][0]);
    const char* wanted = spec_.wordpiece ? "BertPreTokenizer" : "ByteLevel";
    if (type != wanted) fail(cat("pre_tokenizer.type: \"", type, "\" is not supported with this model, only ", wanted));
    if (!spec_.byte_bpe) return;
    spec_.byte_bpe->add_prefix_space = pre.value("add_prefix_space", true);
    spec_.byte_bpe->use_regex = pre.value("use_regex", true);
  }

  int32_t special_id(const Json& pair) const {
    const std::string token = pair.at(0).get<std::string>();
    if (!spec_.vocabulary.has_id(pair.at(1).get<int32_t>()))
      fail(cat("post_processor: the token \"", token, "\" is not in the vocabulary"));
    return pair.at(1).get<int32_t>();
  }

  void read_post_processor(const Json& post) {
    using Kind = TemplatePart::Kind;
    const std::string type = type_of(post);
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
  TokenizerSpec spec_;
};

}  // namespace

TokenizerSpec read_tokenizer_json(const fs::path& folder) { return JsonReader(folder / "tokenizer.json").read(); }

}  // namespace hiddenkey
