#include "run/open_model.h"

#include "core/log.h"
#include "core/text.h"
#include "data/task.h"
#include "model/gguf_model.h"
#include "model/load_weights.h"
#include "model/model_files.h"
#include "model/open_weights.h"
#include "settings/model_choices.h"

namespace hiddenkey {

Tokenizer load_tokenizer(const fs::path& model) {
  return is_gguf(model) ? Tokenizer::from_gguf(GgufModel(model).vocabulary()) : Tokenizer::load(model);
}

void limit_length(const Tokenizer& tokenizer, RunConfig& config) {
  const std::optional<int64_t> limit = tokenizer.limit();
  if (!limit || *limit >= config.training.max_length) return;
  log::warning(cat("training.max_length: ", config.training.max_length, " is more than the ", *limit,
                   " tokens that the tokenizer gives a text (model_max_length); it is taken as ", *limit));
  config.training.max_length = *limit;
}

std::unique_ptr<Model> load_model(const fs::path& folder, BaseType type, const TaskInfo& task, uint64_t seed,
                                  at::Device device) {
  HubConfig hub = read_hub_config(folder, head_use(task));
  for (const std::string& note : hub.notes) log::warning(note);
  if (hub.problem_type == problem_type(TaskKind::kMultiLabel) && task.kind != TaskKind::kMultiLabel)
    log::warning(cat(folder.string(), ": its config.json says problem_type: ", hub.problem_type,
                     "; the task decides, and is ", name_of(task.kind)));
  const std::unique_ptr<WeightSource> checkpoint = open_weights(folder);
  if (const std::string untied = settle_tied_head(*checkpoint, hub.architecture); !untied.empty()) log::warning(untied);
  const at::ScalarType scalar = type == BaseType::kBFloat16 ? at::kBFloat16 : at::kFloat;
  LoadedWeights loaded = load_weights(*checkpoint, hub.architecture, task.num_outputs(), scalar, seed, device);
  WeightNames names(hub.architecture);
  Network network(hub.architecture, std::move(loaded.weights));
  return std::make_unique<Model>(
      Model{folder, std::move(hub), std::move(names), std::move(network), std::move(loaded.initialised)});
}

}  // namespace hiddenkey
