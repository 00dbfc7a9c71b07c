#include "run/load_run.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "adapter/load_adapter.h"
#include "core/error.h"
#include "core/file.h"
#include "core/log.h"
#include "core/text.h"
#include "data/task.h"
#include "model/model_files.h"
#include "model/open_weights.h"
#include "run/device.h"
#include "run/precision.h"
#include "run/run_weights.h"
#include "run/task_labels.h"
#include "settings/model_choices.h"

namespace hiddenkey {
namespace {

void apply_saved_task(const SavedTask& saved, RunConfig& config) {
  TaskConfig& task = config.task;
  task.name = saved.config.name;
  task.text_columns = saved.config.text_columns;
  task.label_column = saved.config.label_column;
  task.labels = saved.config.labels;
  config.training.max_length = saved.max_length;
}

void apply_request(const LoadRequest& request, RunConfig& config) {
  if (!request.task.empty()) {
    const std::vector<std::string> known = known_tasks();
    if (std::find(known.begin(), known.end(), request.task) == known.end()) {
      throw ConfigError(
          cat("--task: \"", request.task, "\" is none of ", join(known, ", "), did_you_mean(request.task, known)));
    }
    config.task.name = request.task;
  }
  if (!request.text_columns.empty()) config.task.text_columns = request.text_columns;
}

/// The base that was trained on, or what the user says it is; a plain model is its own.
fs::path base_folder(const LoadRequest& request, const LoadedRun& run, const std::optional<SavedTask>& saved,
                     const fs::path& weights) {
  if (!run.adapter && !run.checkpoint) return weights;
  if (!request.model.empty()) return request.model;
  const std::string of_adapter = run.adapter ? run.adapter->base : "";
  for (const std::string& candidate : {run.config.model.path, saved ? saved->base : "", of_adapter}) {
    if (!candidate.empty() && holds_model(candidate)) return candidate;
  }
  const std::string named = saved ? saved->base : !of_adapter.empty() ? of_adapter : run.config.model.path;
  throw ModelError(cat(weights.string(), ": its base ",
                       named.empty() ? "is not named" : cat("\"", named, "\" is not on this machine", hub_hint(named)),
                       "; give its folder or GGUF file with --model"));
}

void check_base(const LoadRequest& request, const fs::path& base, const std::optional<SavedTask>& saved) {
  if (request.any_base || !saved || saved->base_checksum.empty()) return;
  if (weights_checksum(base) == saved->base_checksum) return;
  throw ModelError(cat(base.string(),
                       ": is another base than the adapter was trained on (the checksums of the weights differ); "
                       "--any-base takes it all the same"));
}

bool names_task(const LoadRequest& request) {
  return !request.task.empty() || std::any_of(request.overrides.begin(), request.overrides.end(),
                                              [](const std::string& pair) { return pair.starts_with("task.name="); });
}

/// Outputs of the head that a model's own files hold; 0 where they hold none.
int64_t head_outputs(const fs::path& base, const WeightNames& names) {
  const WeightNames::Module* output = names.output_module();
  if (output == nullptr) return 0;
  const std::unique_ptr<WeightSource> weights = open_weights(base);
  const std::vector<std::string> held = weights->names();
  const std::string name = output->theirs + ".weight";
  return std::find(held.begin(), held.end(), name) != held.end() ? weights->shape(name)[0] : 0;
}

/// A model whose task nobody names is a classifier where its head has several outputs.
void guess_task(const LoadRequest& request, RunConfig& config, int64_t outputs) {
  if (request.text_columns.empty() && request.labels.empty()) {
    throw ConfigError(
        cat(request.path.string(),
            ": has no hiddenkey.json, so the task is not known; give --task NAME, or --text-columns a,b --labels x,y"));
  }
  config.task.name = request.labels.size() > 1 || outputs > 1 ? "classification" : "regression";
}

void check_columns(const LoadRequest& request, const TaskInfo& task, bool is_known) {
  const std::size_t count = request.text_columns.size();
  if (count == 0 || !is_known) return;
  const std::size_t expected = task.pair || task.kind == TaskKind::kGeneration ? 2 : 1;
  if (count != expected)
    throw ConfigError(cat("--text-columns: ", join(request.text_columns, ","), " names ", count, " columns; the task ",
                          task.name, " has ", expected));
}

/// The task, with its labels in the order of the outputs.
TaskInfo find_task(const LoadRequest& request, RunConfig& config, const std::optional<SavedTask>& saved,
                   const KnownOutputs& known) {
  TaskInfo info = task_info(config.task);
  const bool as_trained = saved && saved->config.name == config.task.name;
  if (as_trained) info.pair = saved->info.pair;
  check_columns(request, info, as_trained || glue_files(info.name) != nullptr);
  if (!has_classes(info.kind)) {
    if (!request.labels.empty()) throw ConfigError(cat("--labels: the task ", info.name, " has no class names"));
    return info;
  }
  info.labels = labels_of_outputs(info, request.labels, known);
  config.task.labels = info.labels;
  return info;
}

/// The names of a trained head's outputs: a run's own, or those of the config.json beside the head.
KnownOutputs known_outputs(const RunWeights& weights, const std::optional<SavedTask>& saved, const fs::path& base,
                           const HubConfig& hub, bool own_head) {
  if (saved && !saved->info.labels.empty())
    return {saved->info.labels, (weights.task_folder / "hiddenkey.json").string(), true};
  return {hub.labels, (base / "config.json").string(), own_head};
}

/// Puts the weights of a full finetuning's checkpoint into its network.
void fill_network(Network& network, const fs::path& checkpoint) {
  const at::NoGradGuard guard;
  const NamedTensors tensors = read_checkpoint_weights(checkpoint);
  for (const NamedTensor& leaf : network.leaves()) {
    const auto found = tensors.find(leaf.name);
    if (found == tensors.end() || found->second.sizes() != leaf.tensor.sizes())
      throw ModelError(cat(checkpoint.string(), ": ", leaf.name, " is missing or of another shape than the base's"));
    at::Tensor target = leaf.tensor;
    target.copy_(found->second);
  }
}

/// The tokenizer and the network of a run whose task and config are known.
void load_parts(LoadedRun& run, const fs::path& base) {
  run.device = choose_device(run.config.training.device);
  settle_dtype(run.config, run.device);
  use_matmul_precision(run.config.training.matmul, run.device);
  run.config.model.path = base.string();
  run.tokenizer = std::make_unique<Tokenizer>(load_tokenizer(base));
  limit_length(*run.tokenizer, run.config);
  run.model = load_model(base, run.config.model.dtype, run.task->info, 0, run.device);
  if (run.adapter) choose_targets(run.adapter->lora, run.model->hub.architecture);
  if (run.adapter) load_adapter(run.model->network, run.model->names, *run.adapter);
  if (run.checkpoint) fill_network(run.model->network, *run.checkpoint);
}

/// What a run or an adapter says of itself, before anything is asked of it.
struct Opened {
  LoadedRun run;
  RunWeights weights;
  std::optional<SavedTask> saved;
};

Opened open(const LoadRequest& request) {
  Opened opened;
  opened.weights = find_run_weights(request.path);
  const RunWeights& weights = opened.weights;
  LoadedRun& run = opened.run;
  opened.saved = read_saved_task(weights.task_folder);
  if (weights.run_config) run.config = load_saved_config(*weights.run_config);
  if (weights.is_checkpoint) {
    if (run.config.method == Method::kLora) run.adapter = adapter_of_checkpoint(weights.folder, run.config.lora);
    if (run.config.method == Method::kFull) run.checkpoint = weights.folder;
  } else {
    std::error_code error;
    if (fs::exists(weights.folder / "adapter_config.json", error)) run.adapter = read_adapter(weights.folder);
  }
  return opened;
}

LoadedRun load_for_task(Opened opened, const LoadRequest& request) {
  auto& [run, weights, saved] = opened;
  if (saved) apply_saved_task(*saved, run.config);
  apply_request(request, run.config);
  override_config(run.config, request.overrides);

  const fs::path base = base_folder(request, run, saved, weights.folder);
  const HubConfig hub = read_hub_config(base, head_use(task_info(run.config.task)));
  if (run.adapter || run.checkpoint) check_base(request, base, saved);
  const WeightNames names(hub.architecture);
  const int64_t brought = run.adapter ? run.adapter->head_outputs(names) : 0;
  const int64_t held = brought != 0 ? brought : head_outputs(base, names);
  if (!saved && !weights.is_checkpoint && !names_task(request)) guess_task(request, run.config, held);
  run.task = make_task(
      find_task(request, run.config, saved, known_outputs(weights, saved, base, hub, brought == 0 && !run.checkpoint)));
  run.config.training.max_length = std::min(run.config.training.max_length, hub.architecture.max_positions);

  const int64_t outputs = run.task->info.num_outputs();
  if (held != 0 && outputs != 0 && held != outputs && !run.checkpoint) {
    throw ModelError(cat(weights.folder.string(), ": its head has ", held, " outputs, the task ", run.task->info.name,
                         " has ", outputs));
  }
  load_parts(run, base);
  for (const std::string& module : run.model->initialised) {
    const bool given = run.checkpoint || (run.adapter && run.adapter->tensors.contains(peft_name(module) + ".weight"));
    if (!given)
      log::warning(cat(module, " is in neither the base nor the adapter: it is random, and so is what depends on it"));
  }
  return std::move(run);
}

LoadedRun load_for_text(Opened opened, const LoadRequest& request) {
  auto& [run, weights, saved] = opened;
  const bool known = saved || weights.is_checkpoint;
  const std::string task = saved ? saved->info.name : known ? run.config.task.name : "generation";
  if (!is_generation(task))
    throw ModelError(cat(weights.folder.string(), ": was trained for ", task, ", which generates no text"));
  run.config.task.name = task;
  override_config(run.config, request.overrides);
  const fs::path base = base_folder(request, run, saved, weights.folder);
  if (run.adapter || run.checkpoint) check_base(request, base, saved);
  run.task = make_task(task_info(run.config.task));
  if (run.task->info.kind != TaskKind::kGeneration)
    throw ConfigError(cat("task.name: ", run.task->info.name, " generates no text"));
  load_parts(run, base);
  return std::move(run);
}

}  // namespace

LoadedRun load_run(const LoadRequest& request) { return load_for_task(open(request), request); }

LoadedRun load_language_model(const LoadRequest& request) { return load_for_text(open(request), request); }

LoadedRun load_to_merge(LoadRequest request) {
  request.overrides.emplace_back("model.dtype=float32");
  Opened opened = open(request);
  const bool told = names_task(request) || !request.text_columns.empty() || !request.labels.empty();
  if (told || opened.saved || opened.weights.is_checkpoint || !opened.run.adapter)
    return load_for_task(std::move(opened), request);
  const HubConfig hub = read_hub_config(base_folder(request, opened.run, opened.saved, opened.weights.folder));
  const bool language = hub.architecture.causal && opened.run.adapter->head_outputs(WeightNames(hub.architecture)) == 0;
  return language ? load_for_text(std::move(opened), request) : load_for_task(std::move(opened), request);
}

}  // namespace hiddenkey
