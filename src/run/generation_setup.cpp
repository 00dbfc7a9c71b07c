#include "run/generation_setup.h"

#include "core/log.h"
#include "core/stop_signal.h"
#include "core/text.h"
#include "generate/hub_generation.h"

namespace hiddenkey {

GenerationSetup generation_setup(const RunConfig& config, const FolderFiles& model, const Tokenizer& tokenizer,
                                 bool trained, const SearchSettings& flags) {
  const HubGeneration hub = read_generation_config(model);
  GenerationSetup setup{hub.options, hub.end_ids, hub.begin_id, ""};
  std::vector<std::string> decided;
  for (const SearchSettings* settings : {&config.generation.search, &flags}) {
    apply_settings(*settings, setup.options);
    const std::vector<std::string> names = decided_by(*settings);
    decided.insert(decided.end(), names.begin(), names.end());
  }
  setup.taken = describe_taken(hub, setup.options, decided);
  const int64_t begin = setup.begin_id.value_or(0);
  if (begin < 0 || begin >= tokenizer.vocab_size()) setup.begin_id.reset();  // no prompt can begin with it
  if (!setup.end_ids.empty()) return setup;
  if (trained || hub.file.empty()) {
    if (const std::optional<int32_t> id = tokenizer.eos_id()) setup.end_ids = {*id};
  } else {
    log::warning(
        cat(model.path(hub.file).string(), ": names no eos_token_id, so a text goes on to its greatest length"));
  }
  return setup;
}

TextEvaluationOptions text_options(const RunConfig& config) {
  return {config.task.name,
          config.generation.batch_size,
          config.generation.meteor_data,
          {.progress = {}, .stopped = stop_requested}};
}

std::vector<GenerationItem> load_prompts(const RunConfig& config, const std::string& split) {
  std::vector<GenerationItem> items = read_generation_items(config.task, split);
  const auto limit = static_cast<std::size_t>(config.generation.limit);
  if (limit > 0 && limit < items.size()) items.resize(limit);
  return items;
}

}  // namespace hiddenkey
