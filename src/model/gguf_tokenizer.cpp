#include "model/gguf_tokenizer.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/text.h"
#include "text/gguf_words.h"

namespace hiddenkey {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr int32_t kControl = 3, kUserDefined = 4;

OrderedJson byte_level(bool use_regex) {
  return {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", use_regex}};
}

OrderedJson split_step(const char* regex) {
  return {{"type", "Split"}, {"pattern", {{"Regex", regex}}}, {"behavior", "Isolated"}, {"invert", false}};
}

OrderedJson pre_tokenizer(const GgufWords& words) {
  OrderedJson steps = OrderedJson::array();
  if (words.digits_alone) steps.push_back({{"type", "Digits"}, {"individual_digits", true}});
  for (const char* regex : words.regexes) steps.push_back(split_step(regex));
  steps.push_back(byte_level(words.gpt2_words));
  if (steps.size() == 1) return steps[0];
  return {{"type", "Sequence"}, {"pretokenizers", steps}};
}

OrderedJson added_tokens(const GgufVocabulary& vocabulary) {
  OrderedJson added = OrderedJson::array();
  for (std::size_t id = 0; id < vocabulary.token_types.size(); ++id) {
    const int32_t type = vocabulary.token_types[id];
    if (type != kControl && type != kUserDefined) continue;
    added.push_back({{"id", id},
                     {"content", vocabulary.tokens[id]},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", false},
                     {"special", type == kControl}});
  }
  return added;
}

/// Each text between bos and eos, where the vocabulary says so.
OrderedJson post_processor(const GgufVocabulary& vocabulary) {
  OrderedJson single = OrderedJson::array(), pair = OrderedJson::array(), specials = OrderedJson::object();
  const auto frame = [&](const char* text, int type) {
    const auto add = [&](bool wanted, std::optional<int32_t> id) {
      if (!wanted || !id) return;
      const std::string& token = vocabulary.tokens[static_cast<std::size_t>(*id)];
      specials[token] = {{"id", token}, {"ids", OrderedJson::array({*id})}, {"tokens", OrderedJson::array({token})}};
      const OrderedJson part = {{"SpecialToken", {{"id", token}, {"type_id", type}}}};
      pair.push_back(part);
      if (type == 0) single.push_back(part);
    };
    const OrderedJson part = {{"Sequence", {{"id", text}, {"type_id", type}}}};
    add(vocabulary.add_bos, vocabulary.bos);
    pair.push_back(part);
    if (type == 0) single.push_back(part);
    add(vocabulary.add_eos, vocabulary.eos);
  };
  frame("A", 0);
  frame("B", 1);
  if (specials.empty()) return byte_level(true);
  return {{"type", "TemplateProcessing"}, {"single", single}, {"pair", pair}, {"special_tokens", specials}};
}

OrderedJson model(const GgufVocabulary& vocabulary) {
  OrderedJson ids = OrderedJson::object();
  // Straight into the underlying list: looking each name up would take the square of the time.
  auto& list = ids.get_ref<OrderedJson::object_t&>();
  for (std::size_t id = 0; id < vocabulary.tokens.size(); ++id) list.Container::emplace_back(vocabulary.tokens[id], id);
  const OrderedJson unknown = vocabulary.unknown
                                  ? OrderedJson(vocabulary.tokens[static_cast<std::size_t>(*vocabulary.unknown)])
                                  : OrderedJson(nullptr);
  return {{"type", "BPE"},
          {"dropout", nullptr},
          {"unk_token", unknown},
          {"continuing_subword_prefix", nullptr},
          {"end_of_word_suffix", nullptr},
          {"fuse_unk", false},
          {"byte_fallback", false},
          {"ignore_merges", gguf_words(vocabulary.pre).ignore_merges},
          {"vocab", std::move(ids)},
          {"merges", vocabulary.merges}};
}

std::string dump(const OrderedJson& json) {
  return json.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

}  // namespace

TokenizerFiles tokenizer_files_of(const GgufVocabulary& vocabulary, const std::string& source) {
  if (vocabulary.model != "gpt2") {
    throw ModelError(cat(source, ": its tokenizer (\"", vocabulary.model,
                         "\") cannot be written as tokenizer.json, which a model folder needs"));
  }
  const OrderedJson normalizer = gguf_words(vocabulary.pre).nfc ? OrderedJson({{"type", "NFC"}}) : OrderedJson(nullptr);
  const OrderedJson json = {{"version", "1.0"},
                            {"truncation", nullptr},
                            {"padding", nullptr},
                            {"added_tokens", added_tokens(vocabulary)},
                            {"normalizer", normalizer},
                            {"pre_tokenizer", pre_tokenizer(gguf_words(vocabulary.pre))},
                            {"post_processor", post_processor(vocabulary)},
                            {"decoder", byte_level(true)},
                            {"model", model(vocabulary)}};
  OrderedJson config = {{"tokenizer_class", "PreTrainedTokenizerFast"}, {"clean_up_tokenization_spaces", false}};
  const std::pair<const char*, std::optional<int32_t>> named[] = {{"bos_token", vocabulary.bos},
                                                                  {"eos_token", vocabulary.eos},
                                                                  {"pad_token", vocabulary.pad},
                                                                  {"unk_token", vocabulary.unknown}};
  for (const auto& [name, id] : named) {
    if (id) config[name] = vocabulary.tokens[static_cast<std::size_t>(*id)];
  }
  return {dump(json), dump(config)};
}

}  // namespace hiddenkey
