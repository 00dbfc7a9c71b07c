#include "train/load_run.h"

#include <algorithm>

#include "core/error.h"
#include "core/file.h"
#include "core/log.h"
#include "core/text.h"
#include "data/task.h"
#include "model/model_files.h"
#include "train/check_ids.h"
#include "train/device.h"

namespace hiddenkey {
namespace {

bool holds(const fs::path& folder, const char* name) {
  std::error_code error;
  return fs::exists(folder / name, error);
}

/// The folder with the weights: of a run, its adapter/ or model/.
fs::path weights_folder(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error))
    throw ModelError(cat(path.string(), ": there is no such run, adapter or model", hub_hint(path.string())));
  if (holds(path, "adapter_config.json")) return path;
  if (holds(path / "adapter", "adapter_config.json")) return path / "adapter";
  if (holds(path / "model", "config.json")) return path / "model";
  if (holds_model(path)) return path;
  if (holds(path, "config.yaml")) throw ModelError(cat(path.string(), ": the run has not saved an adapter yet"));
  throw ModelError(cat(path.string(), ": holds neither a run, an adapter nor a model"));
}

/// The config of the run that the weights belong to, if there is one.
std::optional<fs::path> run_config_of(const fs::path& path, const fs::path& weights) {
  for (const fs::path& folder : {path, fs::absolute(weights).parent_path()}) {
    if (holds(folder, "config.yaml")) return folder / "config.yaml";
  }
  return std::nullopt;
}

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
  if (!request.labels.empty()) config.task.labels = request.labels;
  if (request.task.empty() && !request.text_columns.empty())
    config.task.name = request.labels.size() > 1 ? "classification" : "regression";
}

/// The base that the adapter was trained on, or what the user says it is.
fs::path base_folder(const LoadRequest& request, const RunConfig& config, const std::optional<SavedTask>& saved,
                     const std::optional<AdapterFile>& adapter, const fs::path& weights) {
  if (!adapter) return weights;
  if (!request.model.empty()) return request.model;
  std::vector<std::string> candidates = {config.model.path, saved ? saved->base : "", adapter->base};
  for (const std::string& candidate : candidates) {
    if (!candidate.empty() && holds_model(candidate)) return candidate;
  }
  const std::string named = saved ? saved->base : adapter->base;
  throw ModelError(cat(weights.string(), ": its base ",
                       named.empty() ? "is not named" : cat("\"", named, "\" is not on this machine"),
                       "; give its folder or GGUF file with --model"));
}

void check_base(const LoadRequest& request, const fs::path& base, const std::optional<SavedTask>& saved) {
  if (request.any_base || !saved || saved->base_checksum.empty()) return;
  if (weights_checksum(base) == saved->base_checksum) return;
  throw ModelError(cat(base.string(),
                       ": is another base than the adapter was trained on (the checksums of the weights differ); "
                       "--any-base takes it all the same"));
}

bool is_told(const LoadRequest& request) {
  const auto names_task = [](const std::string& pair) { return pair.starts_with("task.name="); };
  return !request.task.empty() || !request.text_columns.empty() ||
         std::any_of(request.overrides.begin(), request.overrides.end(), names_task);
}

TaskInfo find_task(const LoadRequest& request, RunConfig& config, const std::optional<SavedTask>& saved,
                   const HubConfig& hub) {
  const bool told = is_told(request);
  if (!saved && !told) {
    throw ConfigError(
        cat(request.path.string(),
            ": has no hiddenkey.json, so the task is not known; give --task NAME, or --text-columns a,b --labels x,y"));
  }
  TaskInfo info = task_info(config.task);
  if (info.labels.empty()) info.labels = config.task.labels;
  if (info.kind == TaskKind::kClassification && info.labels.empty()) info.labels = hub.labels;
  if (info.kind == TaskKind::kClassification && info.labels.size() < 2) {
    throw ConfigError("the class names are not known; give them with --labels x,y in the order of the outputs");
  }
  config.task.labels = info.labels;
  return info;
}

/// The tokenizer and the network of a run whose task and config are known.
void load_parts(LoadedRun& run, const fs::path& base) {
  run.device = choose_device(run.config.training.device);
  run.config.model.path = base.string();
  run.tokenizer = std::make_unique<Tokenizer>(load_tokenizer(base));
  run.model = load_model(base, run.config.model.dtype, run.task, 0, run.device);
  check_ids(*run.tokenizer, run.model->hub.architecture, base);
  if (run.adapter) load_adapter(run.model->network, run.model->names, *run.adapter);
}

}  // namespace

LoadedRun load_run(const LoadRequest& request) {
  LoadedRun run;
  const fs::path weights = weights_folder(request.path);
  const std::optional<SavedTask> saved = read_saved_task(weights);
  const std::optional<fs::path> run_config = run_config_of(request.path, weights);
  if (run_config) run.config = load_saved_config(*run_config);
  if (holds(weights, "adapter_config.json")) run.adapter = read_adapter(weights);
  if (saved) apply_saved_task(*saved, run.config);
  apply_request(request, run.config);
  override_config(run.config, request.overrides);

  const fs::path base = base_folder(request, run.config, saved, run.adapter, weights);
  HubConfig hub = read_hub_config(base);
  if (run.adapter) check_base(request, base, saved);
  run.task = find_task(request, run.config, saved, hub);
  hub = read_hub_config(base, head_use(run.task));
  run.config.training.max_length = std::min(run.config.training.max_length, hub.architecture.max_positions);

  const WeightNames names(hub.architecture);
  const int64_t outputs = run.task.num_outputs();
  const int64_t held = run.adapter ? run.adapter->head_outputs(names) : outputs;
  if (held != 0 && held != outputs) {
    throw ModelError(
        cat(weights.string(), ": its head has ", held, " outputs, the task ", run.task.name, " has ", outputs));
  }
  load_parts(run, base);
  for (const std::string& module : run.model->initialised) {
    const bool given = run.adapter && run.adapter->tensors.contains(peft_name(module) + ".weight");
    if (!given)
      log::warning(cat(module, " is in neither the base nor the adapter: it is random, and so is what depends on it"));
  }
  return run;
}

LoadedRun load_language_model(const LoadRequest& request) {
  LoadedRun run;
  const fs::path weights = weights_folder(request.path);
  const std::optional<SavedTask> saved = read_saved_task(weights);
  if (const std::optional<fs::path> config = run_config_of(request.path, weights))
    run.config = load_saved_config(*config);
  if (holds(weights, "adapter_config.json")) run.adapter = read_adapter(weights);
  if (saved && saved->info.kind != TaskKind::kGeneration)
    throw ModelError(cat(weights.string(), ": was trained for ", saved->info.name, ", which generates no text"));
  run.config.task.name = saved ? saved->info.name : "generation";
  override_config(run.config, request.overrides);
  const fs::path base = base_folder(request, run.config, saved, run.adapter, weights);
  if (run.adapter) check_base(request, base, saved);
  run.task = task_info(run.config.task);
  if (run.task.kind != TaskKind::kGeneration)
    throw ConfigError(cat("task.name: ", run.task.name, " generates no text"));
  load_parts(run, base);
  return run;
}

LoadedRun load_to_merge(LoadRequest request) {
  request.overrides.emplace_back("model.dtype=float32");
  const fs::path weights = weights_folder(request.path);
  const std::optional<SavedTask> saved = read_saved_task(weights);
  if (saved || is_told(request) || !holds(weights, "adapter_config.json")) return load_run(request);
  const AdapterFile adapter = read_adapter(weights);
  const HubConfig hub = read_hub_config(base_folder(request, RunConfig(), saved, adapter, weights));
  const bool language = hub.architecture.causal && adapter.head_outputs(WeightNames(hub.architecture)) == 0;
  return language ? load_language_model(request) : load_run(request);
}

}  // namespace hiddenkey
