#include "model/load_model.h"

#include <algorithm>

#include "core/log.h"
#include "core/stop_signal.h"
#include "core/text.h"
#include "data/task.h"
#include "io/checkpoint_reader.h"
#include "model/gguf_weights.h"
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

// What ModelFiles says of weights takes tensors, which its other part has none of.

std::shared_ptr<const WeightSource> ModelFiles::weights() const {
  const std::scoped_lock lock(opening_);
  if (!weights_ && is_gguf_) weights_ = std::make_shared<const GgufWeights>(gguf());
  if (!weights_) weights_ = std::make_shared<const CheckpointReader>(path());
  return weights_;
}

int64_t ModelFiles::head_outputs(const Architecture& architecture) const {
  const WeightNames names(architecture);
  const WeightNames::Module* output = names.output_module();
  if (output == nullptr) return 0;
  const std::shared_ptr<const WeightSource> source = weights();
  const std::vector<std::string> held = source->names();
  const std::string name = output->theirs + ".weight";
  return std::find(held.begin(), held.end(), name) != held.end() ? source->shape(name)[0] : 0;
}

std::string ModelFiles::checksum() const {
  const std::shared_ptr<const WeightSource> source = weights();
  std::string sums;
  for (const MappedFile* file : source->files()) {
    throw_if_stopped();
    sums += sha256_of_bytes({reinterpret_cast<const char*>(file->data()), file->size()});
  }
  return sha256_of_bytes(sums);
}

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
