#include "generate/search_settings.h"

#include "core/error.h"

namespace hiddenkey {
namespace {

template <class T, class U>
void take(const std::optional<T>& given, U& option) {
  if (given) option = static_cast<U>(*given);
}

void check_effect(const SearchSettings& settings, const GenerationOptions& options) {
  const std::pair<const char*, bool> of_sampling[] = {{"temperature", settings.temperature.has_value()},
                                                      {"top_k", settings.top_k.has_value()},
                                                      {"top_p", settings.top_p.has_value()},
                                                      {"seed", settings.seed.has_value()}};
  for (const auto& [name, given] : of_sampling) {
    if (given && !options.do_sample)
      throw ConfigError(std::string(name) +
                        ": has no effect without sampling; give --sample or generation.do_sample=true");
  }
  if (options.num_beams > 1) return;
  if (settings.length_penalty.value_or(1) != 1)
    throw ConfigError("length_penalty: ranks the beams of beam search; num_beams is 1");
  if (settings.early_stopping.value_or(false)) throw ConfigError("early_stopping: ends a beam search; num_beams is 1");
}

}  // namespace

void apply_settings(const SearchSettings& settings, GenerationOptions& options) {
  take(settings.do_sample, options.do_sample);
  take(settings.num_beams, options.num_beams);
  if (settings.do_sample.value_or(false) && !settings.num_beams) options.num_beams = 1;
  if (settings.num_beams.value_or(1) > 1 && !settings.do_sample) options.do_sample = false;
  if (options.num_beams == 1) options.early_stopping = EarlyStopping::kHeuristic;
  check_effect(settings, options);
  if (settings.max_new_tokens) options.max_length.reset();
  take(settings.max_new_tokens, options.max_new_tokens);
  take(settings.min_new_tokens, options.rules.min_new_tokens);
  take(settings.length_penalty, options.length_penalty);
  if (settings.early_stopping)
    options.early_stopping = *settings.early_stopping ? EarlyStopping::kAtOnce : EarlyStopping::kHeuristic;
  take(settings.no_repeat_ngram_size, options.rules.no_repeat_ngram_size);
  take(settings.repetition_penalty, options.rules.repetition_penalty);
  take(settings.temperature, options.sampling.temperature);
  take(settings.top_k, options.sampling.top_k);
  take(settings.top_p, options.sampling.top_p);
  take(settings.seed, options.sampling.seed);
  take(settings.stop, options.stop);
  take(settings.num_return_sequences, options.num_return_sequences);
}

std::vector<std::string> decided_by(const SearchSettings& settings) {
  const std::pair<const char*, bool> all[] = {{"max_new_tokens", settings.max_new_tokens.has_value()},
                                              {"max_length", settings.max_new_tokens.has_value()},
                                              {"min_new_tokens", settings.min_new_tokens.has_value()},
                                              {"num_beams", settings.num_beams || settings.do_sample.value_or(false)},
                                              {"length_penalty", settings.length_penalty.has_value()},
                                              {"early_stopping", settings.early_stopping.has_value()},
                                              {"no_repeat_ngram_size", settings.no_repeat_ngram_size.has_value()},
                                              {"repetition_penalty", settings.repetition_penalty.has_value()},
                                              {"do_sample", settings.do_sample || settings.num_beams.value_or(1) > 1},
                                              {"temperature", settings.temperature.has_value()},
                                              {"top_k", settings.top_k.has_value()},
                                              {"top_p", settings.top_p.has_value()},
                                              {"stop_strings", settings.stop.has_value()},
                                              {"num_return_sequences", settings.num_return_sequences.has_value()}};
  std::vector<std::string> names;
  for (const auto& [name, given] : all) {
    if (given) names.emplace_back(name);
  }
  return names;
}

}  // namespace hiddenkey
