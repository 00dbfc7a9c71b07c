#include <algorithm>

#include "core/error.h"
#include "core/log.h"
#include "core/text.h"
#include "text/tokenizer_classes.h"
#include "text/tokenizer_json.h"
#include "text/unicode.h"
#include "text/vocabulary_files.h"

namespace hiddenkey {
namespace {

constexpr const char* kJson = "tokenizer.json";
constexpr const char* kSentencePiece = "tokenizer.model";
constexpr const char* kFairseq = "sentencepiece.bpe.model";

class FolderReader {
 public:
  explicit FolderReader(const FolderFiles& files) : files_(files), settings_(files) {
    if (files.has(kJson)) json_.emplace(files.bytes(kJson), files.path(kJson).string());
    if (json_) settings_.add_from_tokenizer_json(json_->added_tokens());
    const auto chosen = settings_.chosen_class(json_.has_value(), json_ && json_->is_byte_level());
    is_known_ = chosen.has_value();
    made_ = chosen.value_or(TokenizerClass::kBackend);
  }

  TokenizerSpec read() {
    json_ ? read_json() : read_vocabulary();
    if (spec_.byte_bpe) spec_.byte_bpe->finish(spec_.vocabulary);
    if (spec_.unigram) spec_.unigram->finish(files_.folder().string());
    add_tokens();
    choose_template();
    name_tokens();
    read_settings();
    return std::move(spec_);
  }

 private:
  void read_json() {
    json_->read_vocabulary(spec_);
    if (made_ != TokenizerClass::kBackend) return make_steps(made_, settings_, files_.path(kJson).string(), spec_);
    json_->read_steps(spec_);
    for (const auto& value : json_->added_tokens()) add(token_from(value), value.at("id").get<int32_t>());
  }

  void read_vocabulary() {
    const bool fairseq = made_ == TokenizerClass::kXlmRoberta && files_.has(kFairseq);
    if (fairseq) return read_fairseq();
    if (files_.has(kSentencePiece)) return read_sentence_piece();
    const bool lines = files_.has("vocab.txt");
    const bool bert = made_ == TokenizerClass::kBackend ? lines : made_ == TokenizerClass::kBert;
    if (!(bert ? lines : files_.has("vocab.json") && files_.has("merges.txt"))) {
      throw ModelError(cat(files_.folder().string(), ": has no tokenizer: expected tokenizer.json, tokenizer.model, ",
                           made_ == TokenizerClass::kXlmRoberta ? "sentencepiece.bpe.model, " : "",
                           "vocab.txt, or vocab.json with merges.txt"));
    }
    bert ? read_vocab_txt(files_, spec_) : read_vocab_json(files_, spec_);
    if (made_ == TokenizerClass::kBackend) made_ = class_of_vocabulary(bert);
    make_steps(made_, settings_, files_.path(bert ? "vocab.txt" : "vocab.json").string(), spec_);
  }

  /// For folders that do not say.
  TokenizerClass class_of_vocabulary(bool bert) const {
    if (bert) return TokenizerClass::kBert;
    const bool roberta =
        spec_.vocabulary.find("<s>") && spec_.vocabulary.find("</s>") && spec_.vocabulary.find("<mask>");
    return roberta ? TokenizerClass::kRoberta : TokenizerClass::kGpt2;
  }

  /// Transformers gives a text a space before it where the class is LLaMA's, and none where the folder names no class.
  void read_sentence_piece() {
    if (!is_known_) made_ = TokenizerClass::kLlama;
    const std::string source = files_.path(kSentencePiece).string();
    if (made_ != TokenizerClass::kLlama && made_ != TokenizerClass::kBackend)
      throw ModelError(cat(source, ": is of another kind than the folder's model_type or tokenizer_class"));
    spec_.sentence_piece.emplace(files_.bytes(kSentencePiece), source);
    spec_.sentence_piece->add_pieces(spec_.vocabulary);
    Metaspace::Prepend& prefix = spec_.sentence_piece->prefix_space;
    prefix = made_ == TokenizerClass::kLlama ? llama_prefix(settings_) : Metaspace::Prepend::kNever;
    spec_.decoder = llama_decoder(prefix != Metaspace::Prepend::kNever);
  }

  void read_fairseq() {
    const std::string source = files_.path(kFairseq).string();
    const SentencePiece model(files_.bytes(kFairseq), source);
    const auto content = [&](const char* name) {
      const auto token = named(name);
      if (!token) throw ModelError(cat(settings_.source(), ": ", name, ": is missing, but it has an id of its own"));
      return encode_utf8(token->content);
    };
    const std::vector<std::string> first = {content("bos_token"), content("pad_token"), content("eos_token"),
                                            content("unk_token")};
    read_fairseq_pieces(model, first, content("mask_token"), source, spec_);
    for (const ScoredPiece& piece : model.scored_pieces()) {
      if (!piece.control && !piece.user_defined) continue;
      AddedToken& token = model_tokens_.emplace_back();
      token.content = decode_utf8(piece.text);
      token.special = piece.control;
    }
    make_steps(made_, settings_, source, spec_);
  }

  static AddedToken token_from(const nlohmann::json& value) {
    AddedToken token;
    token.content = decode_utf8(value.at("content").get<std::string>());
    token.single_word = value.value("single_word", false);
    token.lstrip = value.value("lstrip", false);
    token.rstrip = value.value("rstrip", false);
    token.special = value.value("special", false);
    token.normalized = value.value("normalized", !token.special);
    return token;
  }

  bool has_same(AddedToken token) const {
    const std::vector<AddedToken>& known = spec_.added.tokens();
    token.id = spec_.added.find(encode_utf8(token.content)).value_or(-1);
    return std::find(known.begin(), known.end(), token) != known.end();
  }

  void add(const AddedToken& token, int32_t wanted) {
    spec_.added.add(token, spec_.vocabulary);
    const std::string content = encode_utf8(token.content);
    const auto id = spec_.added.find(content);
    if (!id || *id == wanted || std::exchange(warned_, true)) return;
    log::warning(cat(files_.folder().string(), ": gives the token \"", content, "\" the id ", wanted, ", but it is ",
                     *id, ", as Transformers numbers added tokens"));
  }

  /// Where no file has said more of it.
  void add_missing(AddedToken token) {
    if (!spec_.added.find(encode_utf8(token.content))) spec_.added.add(std::move(token), spec_.vocabulary);
  }

  std::vector<AddedToken> named_tokens() const {
    std::vector<AddedToken> tokens;
    for (const char* name : kNamedTokens) {
      if (const auto token = named(name)) tokens.push_back(*token);
    }
    for (const AddedToken& token : settings_.other_named_tokens()) tokens.push_back(token);
    return tokens;
  }

  std::optional<AddedToken> named(const char* name) const {
    if (!settings_.mentions(name) && spec_.sentence_piece && made_ == TokenizerClass::kBackend)
      return named_token(TokenizerClass::kLlama, settings_, name);
    return named_token(made_, settings_, name);
  }

  /// In the order in which Transformers adds them, which numbers those that the model's vocabulary lacks.
  void add_tokens() {
    const std::vector<AddedToken> named = named_tokens();
    for (auto [id, token] : settings_.added_tokens()) {
      if (has_same(token)) continue;
      token.special |= std::any_of(named.begin(), named.end(), [&content = token.content](const AddedToken& other) {
        return other.content == content;
      });
      add(token, id);
    }
    for (const AddedToken& token : named) add_missing(token);
    for (const AddedToken& token : settings_.extra_tokens()) add_missing(token);
    if (spec_.sentence_piece) model_tokens_ = spec_.sentence_piece->control_tokens();
    if (settings_.extra_tokens().empty()) {
      for (const AddedToken& token : model_tokens_) add_missing(token);
    }
    if (made_ != TokenizerClass::kQwen2) return;
    for (const std::vector<AddedToken>& tokens : {named, settings_.extra_tokens()}) {
      for (const AddedToken& token : tokens) {
        AddedToken plain;
        plain.content = token.content;
        spec_.added.add(plain, spec_.vocabulary);
      }
    }
  }

  std::optional<int32_t> id_of(const char* name) const {
    const auto token = named(name);
    return token ? spec_.find(encode_utf8(token->content)) : std::nullopt;
  }

  void choose_template() {
    if (make_own_template(made_, settings_, spec_)) return;
    if (json_ && json_->read_template(spec_)) return;
    // Beside a tokenizer.json these two are not read: its template says it.
    // A tokenizer.model alone is LLaMA's first form, in which each text begins with <s>.
    const bool begins = !json_ && settings_.flag("add_bos_token", spec_.sentence_piece && !is_known_);
    const bool ends = !json_ && settings_.flag("add_eos_token", false);
    const auto begin = begins ? id_of("bos_token") : std::nullopt, end = ends ? id_of("eos_token") : std::nullopt;
    spec_.single = framed_single(begin, end);
    spec_.pair = framed_pair(begin, end);
  }

  /// Where the files do not name a token, those that models of the known families have.
  void name_tokens() {
    const auto usual = [&](const char* name, std::initializer_list<const char*> contents) {
      if (const auto id = id_of(name); id || settings_.mentions(name)) return id;
      for (const char* content : contents) {
        if (const auto id = spec_.find(content)) return id;
      }
      return std::optional<int32_t>();
    };
    spec_.bos = usual("bos_token", {"<s>", "<|begin_of_text|>", "<|endoftext|>"});
    spec_.eos = usual("eos_token", {"</s>", "<|end_of_text|>", "<|endoftext|>"});
    spec_.pad = usual("pad_token", {"[PAD]", "<pad>"});
    if (!spec_.pad && json_ && json_->pad_token()) spec_.pad = spec_.find(*json_->pad_token());
  }

  void read_settings() {
    const std::string json_side = json_ ? json_->truncation_side().value_or("right") : "right";
    const std::string side = settings_.text("truncation_side", json_side);
    if (side != "left" && side != "right")
      throw ModelError(cat(settings_.source(), ": truncation_side: \"", side, "\" is neither left nor right"));
    spec_.truncates_left = side == "left";
    spec_.splits_special = settings_.flag("split_special_tokens", false);
    spec_.limit = settings_.max_length();
    const bool cleans_bpe =
        settings_.flag("clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output", false);
    const bool cleans = settings_.flag("clean_up_tokenization_spaces", false);
    if (cleans && (spec_.wordpiece || cleans_bpe)) add_clean_up(spec_.decoder);
  }

  const FolderFiles& files_;
  TokenizerSettings settings_;
  std::optional<TokenizerJson> json_;
  TokenizerClass made_ = TokenizerClass::kBackend;
  bool is_known_ = false;  ///< whether the folder says of which class its tokenizer is
  bool warned_ = false;
  TokenizerSpec spec_;
  std::vector<AddedToken> model_tokens_;  ///< that a SentencePiece model has of its own
};

}  // namespace

TokenizerSpec read_tokenizer_folder(const FolderFiles& files) { return FolderReader(files).read(); }

}  // namespace hiddenkey
