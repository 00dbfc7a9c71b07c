#include "text/settings.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "core/error.h"
#include "core/log.h"
#include "core/text.h"
#include "text/unicode.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::json;

bool is_named(const std::string& name) {
  return std::find(std::begin(kNamedTokens), std::end(kNamedTokens), name) != std::end(kNamedTokens);
}

bool flag_of(const Json& token, const char* name, bool otherwise) {
  const auto found = token.find(name);
  return found == token.end() || !found->is_boolean() ? otherwise : found->get<bool>();
}

/// A token as text, or with its flags; nothing where the value is neither. `special` where it says nothing of that.
std::optional<AddedToken> token_of(const Json& value, bool special) {
  AddedToken token;
  token.special = special;
  if (value.is_string()) {
    token.content = decode_utf8(value.get<std::string>());
    return token;
  }
  if (!value.is_object() || !value.contains("content") || !value["content"].is_string()) return std::nullopt;
  token.content = decode_utf8(value["content"].get<std::string>());
  token.single_word = flag_of(value, "single_word", false);
  token.lstrip = flag_of(value, "lstrip", false);
  token.rstrip = flag_of(value, "rstrip", false);
  token.special = flag_of(value, "special", special);
  token.normalized = flag_of(value, "normalized", !token.special);
  return token;
}

struct ClassName {
  const char* name;
  TokenizerClass tokenizer_class;
};

constexpr ClassName kClasses[] = {{"BertTokenizer", TokenizerClass::kBert},
                                  {"RobertaTokenizer", TokenizerClass::kRoberta},
                                  {"GPT2Tokenizer", TokenizerClass::kGpt2},
                                  {"Qwen2Tokenizer", TokenizerClass::kQwen2},
                                  {"LlamaTokenizer", TokenizerClass::kLlama},
                                  {"TokenizersBackend", TokenizerClass::kBackend},
                                  {"PreTrainedTokenizer", TokenizerClass::kBackend},
                                  {"PythonBackend", TokenizerClass::kBackend},
                                  {"ElectraTokenizer", TokenizerClass::kBert},
                                  {"DistilBertTokenizer", TokenizerClass::kBert},
                                  {"BartTokenizer", TokenizerClass::kRoberta},
                                  {"LongformerTokenizer", TokenizerClass::kRoberta},
                                  {"XLMRobertaTokenizer", TokenizerClass::kXlmRoberta}};

struct FamilyClass {
  const char* name;  ///< model_type
  TokenizerClass tokenizer_class;
  bool overrules = false;  ///< Transformers takes it whatever class the files declare
};

/// Where Transformers says nothing of a family (llama), its tokenizer.json is taken as it stands.
constexpr FamilyClass kFamilies[] = {{"bert", TokenizerClass::kBert},
                                     {"roberta", TokenizerClass::kRoberta},
                                     {"gpt2", TokenizerClass::kGpt2},
                                     {"qwen2", TokenizerClass::kQwen2, true},
                                     {"mistral", TokenizerClass::kBackend, true},
                                     {"llama", TokenizerClass::kBackend},
                                     {"qwen3", TokenizerClass::kQwen2},
                                     {"distilbert", TokenizerClass::kBert},
                                     {"electra", TokenizerClass::kBert},
                                     {"modernbert", TokenizerClass::kBackend, true},
                                     {"xlm-roberta", TokenizerClass::kXlmRoberta}};

/// Null where the list has no such name.
template <class Entry, std::size_t Size>
const Entry* look_up(const Entry (&names)[Size], const std::string& name) {
  const auto found =
      std::find_if(std::begin(names), std::end(names), [&](const Entry& known) { return name == known.name; });
  return found == std::end(names) ? nullptr : &*found;
}

}  // namespace

TokenizerSettings::TokenizerSettings(const FolderFiles& files) : files_(files) {
  fields_ = files.object_if_there("tokenizer_config.json");
  check_tokenizer_fields(fields_, source());
  const Json& config = files.object_if_there("config.json");
  const auto text_of = [](const Json& json, const char* name) {
    const auto found = json.find(name);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  model_type_ = text_of(config, "model_type");
  declared_class_ = text_of(fields_, "tokenizer_class");
  if (declared_class_.empty()) declared_class_ = text_of(config, "tokenizer_class");
  if (declared_class_.ends_with("Fast")) declared_class_.resize(declared_class_.size() - 4);
  if (const auto decoder = fields_.find("added_tokens_decoder"); decoder != fields_.end() && decoder->is_object()) {
    has_added_tokens_decoder_ = true;
    for (const auto& [key, value] : decoder->items()) {
      int32_t id = 0;
      const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
      const auto token = token_of(value, false);
      if (error != std::errc() || end != key.data() + key.size() || !token || !value.is_object())
        fail("added_tokens_decoder", cat("\"", key, "\" is no token"));
      added_[id] = *token;
    }
    return;
  }
  if (fields_.contains("additional_special_tokens") && !fields_.contains("extra_special_tokens"))
    fields_["extra_special_tokens"] = fields_["additional_special_tokens"];
  merge_special_tokens_map();
  merge_added_tokens_file();
}

void TokenizerSettings::fail(const std::string& name, const std::string& reason) const {
  throw ModelError(cat(source(), ": ", name, ": ", reason));
}

void TokenizerSettings::merge_special_tokens_map() {
  const char* file = "special_tokens_map.json";
  for (const auto& [name, value] : files_.object_if_there(file).items()) {
    const bool many = name == "additional_special_tokens" || name == "extra_special_tokens";
    if (!many && !name.ends_with("_token")) {
      log::warning(cat(files_.path(file).string(), ": not known and without effect here: ", name));
      continue;
    }
    fields_[name] = value;
    if (value.is_object() && !many) fields_[name]["special"] = true;
  }
}

void TokenizerSettings::merge_added_tokens_file() {
  std::vector<std::u32string> special;
  for (const char* name : kNamedTokens) {
    if (const auto token = this->token(name)) special.push_back(token->content);
  }
  // Transformers does not look at the map's additional_special_tokens here.
  if (fields_.contains("extra_special_tokens")) {
    for (const AddedToken& token : extra_tokens()) special.push_back(token.content);
  }
  const char* file = "added_tokens.json";
  for (const auto& [content, id] : files_.object_if_there(file).items()) {
    if (!id.is_number_integer() || id < 0 || id > std::numeric_limits<int32_t>::max())
      throw ModelError(cat(files_.path(file).string(), ": the token \"", content, "\" has no id"));
    AddedToken& token = added_[id.get<int32_t>()];
    token.content = decode_utf8(content);
    token.special = std::find(special.begin(), special.end(), token.content) != special.end();
    token.normalized = !token.special;
  }
}

void TokenizerSettings::add_from_tokenizer_json(const Json& tokens) {
  if (has_added_tokens_decoder_) return;
  for (const Json& value : tokens) {
    if (const auto token = token_of(value, false)) added_[value.at("id").get<int32_t>()] = *token;
  }
}

std::optional<TokenizerClass> TokenizerSettings::chosen_class(bool has_json, bool json_is_byte_level) const {
  const FamilyClass* family = look_up(kFamilies, model_type_);
  if (family != nullptr && family->overrules) return family->tokenizer_class;
  // Files of LLaMA 3's kind name the class of LLaMA 2.
  if (declared_class_ == "LlamaTokenizer" && json_is_byte_level) return TokenizerClass::kBackend;
  if (declared_class_.empty()) return family != nullptr ? std::optional(family->tokenizer_class) : std::nullopt;
  if (const ClassName* declared = look_up(kClasses, declared_class_)) return declared->tokenizer_class;
  if (!has_json) fail("tokenizer_class", cat("\"", declared_class_, "\" is not supported without a tokenizer.json"));
  log::warning(cat(source(), ": tokenizer_class: \"", declared_class_,
                   "\" is not known here, so tokenizer.json is taken as it stands"));
  return TokenizerClass::kBackend;
}

std::optional<AddedToken> TokenizerSettings::token(const std::string& name) const {
  const auto field = fields_.find(name);
  if (field == fields_.end() || field->is_null()) return std::nullopt;
  auto token = token_of(*field, field->is_string());
  if (!token) fail(name, "is no token");
  token->special = true;
  return token->content.empty() ? std::nullopt : token;
}

std::vector<AddedToken> TokenizerSettings::other_named_tokens() const {
  std::vector<AddedToken> tokens;
  for (const auto& [name, value] : fields_.items()) {
    if (!name.ends_with("_token") || is_named(name) || value.is_boolean()) continue;
    if (const auto token = this->token(name)) tokens.push_back(*token);
  }
  for (const char* name : {"model_specific_special_tokens", "extra_special_tokens"}) {
    const auto field = fields_.find(name);
    if (field == fields_.end() || !field->is_object()) continue;
    for (const auto& [key, value] : field->items()) {
      auto token = token_of(value, value.is_string());
      if (!token) fail(name, cat("\"", key, "\" is no token"));
      token->special = true;
      tokens.push_back(*token);
    }
  }
  return tokens;
}

std::vector<AddedToken> TokenizerSettings::extra_tokens() const {
  std::vector<AddedToken> tokens;
  auto field = fields_.find("extra_special_tokens");
  if (field == fields_.end() || field->empty()) field = fields_.find("additional_special_tokens");
  if (field == fields_.end() || !field->is_array()) return tokens;
  for (const Json& value : *field) {
    const auto token = token_of(value, value.is_string());
    if (!token) fail("additional_special_tokens", cat(value.dump(), " is no token"));
    tokens.push_back(*token);
  }
  return tokens;
}

bool TokenizerSettings::flag(const char* name, bool otherwise) const {
  const auto field = fields_.find(name);
  if (field == fields_.end() || field->is_null()) return otherwise;
  if (!field->is_boolean()) fail(name, cat("expected true or false, found ", field->dump()));
  return field->get<bool>();
}

std::string TokenizerSettings::text(const char* name, const std::string& otherwise) const {
  const auto field = fields_.find(name);
  if (field == fields_.end() || field->is_null()) return otherwise;
  if (!field->is_string()) fail(name, cat("expected text, found ", field->dump()));
  return field->get<std::string>();
}

std::optional<int64_t> TokenizerSettings::max_length() const {
  for (const char* name : {"model_max_length", "max_len"}) {
    const auto field = fields_.find(name);
    if (field == fields_.end() || field->is_null()) continue;
    if (!field->is_number() || field->get<double>() < 1) fail(name, cat("expected a length, found ", field->dump()));
    // "No limit" is written as 1e30.
    constexpr double kNoLimit = 1e9;
    return field->get<double>() < kNoLimit ? std::make_optional(field->get<int64_t>()) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace hiddenkey
