#include "task/load_model.h"

#include "core/log.h"
#include "core/text.h"
#include "data/task.h"
#include "io/weight_source.h"
#include "model/load_weights.h"

namespace hiddenkey {
namespace {

/// What the config says of the head may be of another task.
void warn_of_config(const HubConfig& hub, const TaskInfo& task, const ModelFiles& files) {
  for (const std::string& note : hub.notes) log::warning(note);
  const bool several_labels = hub.problem_type == problem_type(TaskKind::kMultiLabel);
  if (several_labels && task.kind != TaskKind::kMultiLabel)
    log::warning(cat(files.path().string(), ": its config.json says problem_type: ", hub.problem_type,
                     "; the task decides, and is ", name_of(task.kind)));
}

}  // namespace

std::unique_ptr<Model> load_model(const ModelFiles& files, const TaskInfo& task, at::ScalarType type, uint64_t seed,
                                  at::Device device) {
  HubConfig hub = files.config(head_use(task.kind));
  warn_of_config(hub, task, files);
  const std::shared_ptr<const WeightSource> source = files.weights();
  if (const std::string untied = settle_tied_head(*source, hub.architecture); !untied.empty()) log::warning(untied);
  LoadedWeights loaded = load_weights(*source, hub.architecture, task.num_outputs(), type, seed, device);
  files.release();
  WeightNames names(hub.architecture);
  Network network(hub.architecture, std::move(loaded.weights));
  return std::make_unique<Model>(
      Model{std::move(hub), std::move(names), std::move(network), std::move(loaded.initialised), stored_type(*source)});
}

}  // namespace hiddenkey
