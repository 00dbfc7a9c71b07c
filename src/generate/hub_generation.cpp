#include "generate/hub_generation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/log.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::json;

/// A field of the file, whose value is not null.
class GenerationField {
 public:
  GenerationField(const fs::path& path, const std::string& name, const Json& value)
      : place_(cat(path.string(), ": ", name)), value_(value) {}

  [[noreturn]] void fail(const std::string& text) const { throw ModelError(cat(place_, ": ", text)); }
  [[noreturn]] void expected(const char* what) const { fail(cat("expected ", what, ", found ", shown())); }
  std::string shown() const {
    constexpr std::size_t kShown = 60;
    const std::string text = value_.dump(-1, ' ', false, Json::error_handler_t::replace);
    return text.size() > kShown ? cat(text.substr(0, kShown), "...") : text;
  }

  const Json& value() const { return value_; }
  int64_t integer() const { return integer_of(value_); }
  double number() const { return number_of(value_); }
  bool flag() const {
    if (!value_.is_boolean()) expected("true or false");
    return value_.get<bool>();
  }
  int32_t id() const { return id_of(value_); }
  /// A list, or one value in place of a list with it.
  TokenIds ids() const { return value_.is_array() ? ids_of(value_) : TokenIds{id_of(value_)}; }
  std::vector<TokenIds> words() const {
    std::vector<TokenIds> result;
    for (const Json& word : list()) result.push_back(ids_of(word));
    return result;
  }
  std::vector<SequenceBias> biases() const {
    std::vector<SequenceBias> result;
    for (const Json& pair : list()) {
      if (!pair.is_array() || pair.size() != 2) expected("pairs of token ids and a number");
      result.push_back({ids_of(pair[0]), number_of(pair[1])});
    }
    return result;
  }
  std::vector<std::string> texts() const {
    std::vector<std::string> result;
    for (const Json& text : value_.is_array() ? value_ : Json::array({value_})) {
      if (!text.is_string()) expected("a text or a list of texts");
      result.push_back(text.get<std::string>());
    }
    return result;
  }
  LengthDecay decay() const {
    if (!value_.is_array() || value_.size() != 2) expected("a number of tokens and a factor");
    return {integer_of(value_[0]), number_of(value_[1])};
  }
  EarlyStopping early_stopping() const {
    if (value_.is_string() && value_ == "never") return EarlyStopping::kNever;
    if (!value_.is_boolean()) expected("true, false or \"never\"");
    return value_.get<bool>() ? EarlyStopping::kAtOnce : EarlyStopping::kHeuristic;
  }

 private:
  const Json& list() const {
    if (!value_.is_array()) expected("a list");
    return value_;
  }
  int64_t integer_of(const Json& value) const {
    constexpr int64_t kMost = int64_t{1} << 40;
    if (!value.is_number_integer() || value > kMost || value < -kMost) expected("an integer");
    return value.get<int64_t>();
  }
  double number_of(const Json& value) const {
    if (!value.is_number() || !std::isfinite(value.get<double>())) expected("a number");
    return value.get<double>();
  }
  int32_t id_of(const Json& value) const {
    constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
    if (!value.is_number_integer() || value > kMost || value < -kMost) fail(cat(value.dump(), " is no token id"));
    return value.get<int32_t>();
  }
  TokenIds ids_of(const Json& value) const {
    if (!value.is_array()) expected("a list of token ids");
    TokenIds result;
    for (const Json& id : value) result.push_back(id_of(id));
    return result;
  }

  std::string place_;
  const Json& value_;
};

/// A field that changes the text: the value that changes nothing, and what becomes of another.
struct Rule {
  Json neutral;
  void (*take)(const GenerationField& field, HubGeneration& hub);
};

const std::map<std::string, Rule>& honoured() {
  using F = const GenerationField&;
  using H = HubGeneration&;
  static const std::map<std::string, Rule> rules = {
      {"max_length", {nullptr, [](F f, H h) { h.options.max_length = f.integer(); }}},
      {"max_new_tokens", {nullptr, [](F f, H h) { h.options.max_new_tokens = f.integer(); }}},
      {"min_length", {0, [](F f, H h) { h.options.rules.min_length = f.integer(); }}},
      {"min_new_tokens", {0, [](F f, H h) { h.options.rules.min_new_tokens = f.integer(); }}},
      {"early_stopping", {false, [](F f, H h) { h.options.early_stopping = f.early_stopping(); }}},
      {"stop_strings", {nullptr, [](F f, H h) { h.options.stop = f.texts(); }}},
      {"do_sample", {false, [](F f, H h) { h.options.do_sample = f.flag(); }}},
      {"num_beams", {1, [](F f, H h) { h.options.num_beams = f.integer(); }}},
      {"temperature", {1.0, [](F f, H h) { h.options.sampling.temperature = f.number(); }}},
      {"top_k", {50, [](F f, H h) { h.options.sampling.top_k = f.integer(); }}},
      {"top_p", {1.0, [](F f, H h) { h.options.sampling.top_p = f.number(); }}},
      {"min_p", {nullptr, [](F f, H h) { h.options.sampling.min_p = f.number(); }}},
      {"top_h", {nullptr, [](F f, H h) { h.options.sampling.top_h = f.number(); }}},
      {"typical_p", {1.0, [](F f, H h) { h.options.sampling.typical_p = f.number(); }}},
      {"epsilon_cutoff", {0.0, [](F f, H h) { h.options.sampling.epsilon_cutoff = f.number(); }}},
      {"eta_cutoff", {0.0, [](F f, H h) { h.options.sampling.eta_cutoff = f.number(); }}},
      {"repetition_penalty", {1.0, [](F f, H h) { h.options.rules.repetition_penalty = f.number(); }}},
      {"encoder_repetition_penalty", {1.0, [](F f, H h) { h.options.rules.encoder_repetition_penalty = f.number(); }}},
      {"length_penalty", {1.0, [](F f, H h) { h.options.length_penalty = f.number(); }}},
      {"no_repeat_ngram_size", {0, [](F f, H h) { h.options.rules.no_repeat_ngram_size = f.integer(); }}},
      {"encoder_no_repeat_ngram_size",
       {0, [](F f, H h) { h.options.rules.encoder_no_repeat_ngram_size = f.integer(); }}},
      {"bad_words_ids", {nullptr, [](F f, H h) { h.options.rules.bad_words = f.words(); }}},
      {"sequence_bias", {nullptr, [](F f, H h) { h.options.rules.sequence_bias = f.biases(); }}},
      {"renormalize_logits", {false, [](F f, H h) { h.options.rules.renormalize = f.flag(); }}},
      {"forced_bos_token_id", {nullptr, [](F f, H h) { h.options.rules.forced_begin = f.id(); }}},
      {"forced_eos_token_id", {nullptr, [](F f, H h) { h.options.rules.forced_end = f.ids(); }}},
      {"remove_invalid_values", {false, [](F f, H h) { h.options.rules.remove_invalid_values = f.flag(); }}},
      {"exponential_decay_length_penalty", {nullptr, [](F f, H h) { h.options.rules.length_decay = f.decay(); }}},
      {"suppress_tokens", {nullptr, [](F f, H h) { h.options.rules.suppress = f.ids(); }}},
      {"begin_suppress_tokens", {nullptr, [](F f, H h) { h.options.rules.begin_suppress = f.ids(); }}},
      {"num_return_sequences", {1, [](F f, H h) { h.options.num_return_sequences = f.integer(); }}},
      {"eos_token_id", {nullptr, [](F f, H h) { h.end_ids = f.ids(); }}},
      {"bos_token_id", {nullptr, [](F f, H h) { h.begin_id = f.id(); }}}};
  return rules;
}

/// Fields that change the text in a way that we lack, with the values that change nothing.
const std::map<std::string, std::vector<Json>>& refused() {
  static const std::map<std::string, std::vector<Json>> fields = {
      {"guidance_scale", {1}},
      {"watermarking_config", {}},
      {"max_time", {}},
      {"penalty_alpha", {0}},
      {"num_beam_groups", {1}},
      {"constraints", {}},
      {"force_words_ids", {}},
      {"dola_layers", {}},
      {"low_memory", {false}},
      {"token_healing", {false}},
      {"is_assistant", {false}},
      // All but a quantised cache give the same numbers.
      {"cache_implementation", {"dynamic", "static", "offloaded", "offloaded_static", "hybrid", "sliding_window"}}};
  return fields;
}

/// Fields that change nothing here: how fast Transformers is and what else it returns, its second models, padding, what
/// belongs to encoder-decoders, and what other fields need.
constexpr const char* kInert[] = {"use_cache",
                                  "cache_config",
                                  "max_cache_len",
                                  "prefill_chunk_size",
                                  "compile_config",
                                  "disable_compile",
                                  "continuous_batching_config",
                                  "output_attentions",
                                  "output_hidden_states",
                                  "output_scores",
                                  "output_logits",
                                  "return_dict_in_generate",
                                  "pad_token_id",
                                  "decoder_start_token_id",
                                  "num_assistant_tokens",
                                  "num_assistant_tokens_schedule",
                                  "assistant_confidence_threshold",
                                  "prompt_lookup_num_tokens",
                                  "max_matching_ngram_size",
                                  "assistant_early_exit",
                                  "assistant_lookbehind",
                                  "target_lookbehind",
                                  "assistant_ensemble_weight",
                                  "speculation_type",
                                  "use_mtp",
                                  "diversity_penalty",
                                  "transformers_version",
                                  "_from_model_config",
                                  "_commit_hash"};

void read_field(const fs::path& path, const std::string& name, const Json& value, bool own_file, HubGeneration& hub) {
  const GenerationField field(path, name, value);
  if (const auto rule = honoured().find(name); rule != honoured().end()) {
    rule->second.take(field, hub);
    const bool is_id = name == "eos_token_id" || name == "bos_token_id";
    if (!is_id && value != rule->second.neutral) hub.taken.emplace_back(name, field.shown());
  } else if (const auto other = refused().find(name); other != refused().end()) {
    if (std::find(other->second.begin(), other->second.end(), value) == other->second.end())
      field.fail(cat(field.shown(), " changes the text in a way that is not supported; take the field out"));
  } else if (own_file && std::find(std::begin(kInert), std::end(kInert), name) == std::end(kInert)) {
    log::warning(cat(path.string(), ": ", name, " is not a known field, and is ignored"));
  }
}

}  // namespace

HubGeneration read_generation_config(const FolderFiles& files) {
  HubGeneration hub;
  const bool own_file = files.has("generation_config.json");
  hub.file = own_file ? "generation_config.json" : "config.json";
  if (!files.has(hub.file)) return {};
  const fs::path path = files.path(hub.file);
  const Json& json = files.object(hub.file);
  for (const auto& [name, value] : json.items()) {
    if (!value.is_null()) read_field(path, name, value, own_file, hub);
  }
  if (json.contains("max_new_tokens") && !json["max_new_tokens"].is_null()) hub.options.max_length.reset();
  try {
    check_ranges(hub.options);
  } catch (const ConfigError& problem) {
    throw ModelError(cat(path.string(), ": ", problem.what()));
  }
  return hub;
}

std::string describe_taken(const HubGeneration& hub, const GenerationOptions& options,
                           const std::vector<std::string>& decided) {
  constexpr const char* kSampling[] = {"temperature", "top_k",     "top_p",          "min_p",
                                       "top_h",       "typical_p", "epsilon_cutoff", "eta_cutoff"};
  constexpr const char* kBeams[] = {"length_penalty", "early_stopping"};
  const auto among = [](const auto& names, const std::string& name) {
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
  };
  std::vector<std::string> parts;
  for (const auto& [name, value] : hub.taken) {
    const bool idle = (!options.do_sample && among(kSampling, name)) || (options.num_beams == 1 && among(kBeams, name));
    if (!idle && !among(decided, name)) parts.push_back(cat(name, " ", value));
  }
  if (parts.empty()) return "";
  return cat("generation: as the model's ", hub.file, " says, ", join(parts, ", "));
}

}  // namespace hiddenkey
