#include "run/open_run.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "adapter/load_adapter.h"
#include "core/error.h"
#include "core/log.h"
#include "core/text.h"
#include "data/output_labels.h"
#include "data/task.h"
#include "run/device.h"
#include "run/run_weights.h"

namespace hiddenkey {
namespace {

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

void check_columns(const LoadRequest& request, const TaskInfo& task, bool is_known) {
  const std::size_t count = request.text_columns.size();
  if (count == 0 || !is_known) return;
  if (count != text_column_count(task))
    throw ConfigError(cat("--text-columns: ", join(request.text_columns, ","), " names ", count, " columns; the task ",
                          task.name, " has ", text_column_count(task)));
}

/// What a run or an adapter says of itself, and then what is made of it.
class RunOpener {
 public:
  explicit RunOpener(const LoadRequest& request)
      : request_(request),
        weights_(find_run_weights(request.path)),
        saved_(read_saved_task(weights_.task_folder)),
        overrides_(request.overrides) {
    if (weights_.run_config) run_.config = load_saved_config(*weights_.run_config);
    if (!weights_.is_checkpoint) {
      if (holds_adapter(weights_.folder)) run_.adapter = read_adapter(weights_.folder);
    } else if (run_.config.method == Method::kLora) {
      run_.adapter = adapter_of_checkpoint(weights_.folder, run_.config.lora);
    } else {
      run_.checkpoint = weights_.folder;
    }
  }

  LoadedRun open(Purpose purpose) {
    if (purpose == Purpose::kMerge) overrides_.emplace_back("model.dtype=float32");
    const bool text = purpose == Purpose::kGenerate || (purpose == Purpose::kMerge && is_language_adapter());
    text ? choose_text() : choose_task();
    override_config(run_.config, overrides_);
    find_base();
    text ? settle_text() : settle_task();
    if (purpose == Purpose::kMerge) run_.texts = run_.base->texts();
    load();
    if (!text) warn_of_random_modules();
    return std::move(run_);
  }

 private:
  bool is_trained() const { return run_.adapter || run_.checkpoint; }

  bool names_task() const {
    return !request_.task.empty() || std::any_of(overrides_.begin(), overrides_.end(), [](const std::string& pair) {
      return pair.starts_with("task.name=");
    });
  }

  /// Whether an adapter that says nothing of its task is one of a language model.
  bool is_language_adapter() {
    const bool told = names_task() || !request_.text_columns.empty() || !request_.labels.empty();
    if (told || saved_ || weights_.is_checkpoint || !run_.adapter) return false;
    find_base();
    const Architecture architecture = run_.base->config().architecture;
    return architecture.causal && run_.adapter->head_outputs(architecture) == 0;
  }

  /// What the run was trained for, and on top of it what the request says.
  void choose_task() {
    TaskConfig& task = run_.config.task;
    if (saved_) {
      task.name = saved_->config.name;
      task.text_columns = saved_->config.text_columns;
      task.label_column = saved_->config.label_column;
      task.labels = saved_->config.labels;
      run_.config.training.max_length = saved_->max_length;
    }
    if (!request_.task.empty()) {
      const std::vector<std::string> known = known_tasks();
      if (std::find(known.begin(), known.end(), request_.task) == known.end()) {
        throw ConfigError(
            cat("--task: \"", request_.task, "\" is none of ", join(known, ", "), did_you_mean(request_.task, known)));
      }
      task.name = request_.task;
    }
    if (!request_.text_columns.empty()) task.text_columns = request_.text_columns;
  }

  void choose_text() {
    const bool known = saved_ || weights_.is_checkpoint;
    const std::string task = saved_ ? saved_->info.name : known ? run_.config.task.name : "generation";
    if (!is_generation(task))
      throw ModelError(cat(weights_.folder.string(), ": was trained for ", task, ", which generates no text"));
    run_.config.task.name = task;
  }

  /// The base that was trained on, or what the user says it is; a plain model is its own.
  fs::path base_folder() const {
    if (!is_trained()) return weights_.folder;
    if (!request_.model.empty()) return request_.model;
    const std::string of_adapter = run_.adapter ? run_.adapter->base : "";
    for (const std::string& candidate : {run_.config.model.path, saved_ ? saved_->base : "", of_adapter}) {
      if (!candidate.empty() && ModelFiles(candidate).is_there()) return candidate;
    }
    const std::string named = saved_ ? saved_->base : !of_adapter.empty() ? of_adapter : run_.config.model.path;
    throw ModelError(
        cat(weights_.folder.string(), ": its base ",
            named.empty() ? "is not named" : cat("\"", named, "\" is not on this machine", hub_hint(named)),
            "; give its folder or GGUF file with --model"));
  }

  void find_base() {
    const fs::path folder = base_folder();
    if (!run_.base || run_.base->path() != folder) run_.base = std::make_unique<ModelFiles>(folder);
  }

  void check_base() const {
    if (!is_trained() || request_.any_base || !saved_ || saved_->base_checksum.empty()) return;
    if (run_.base->checksum() == saved_->base_checksum) return;
    throw ModelError(cat(run_.base->path().string(),
                         ": is another base than the adapter was trained on (the checksums of the weights differ); "
                         "--any-base takes it all the same"));
  }

  /// A model whose task nobody names is a classifier where its head has several outputs.
  void guess_task(int64_t outputs) {
    if (request_.text_columns.empty() && request_.labels.empty()) {
      throw ConfigError(cat(
          request_.path.string(),
          ": has no hiddenkey.json, so the task is not known; give --task NAME, or --text-columns a,b --labels x,y"));
    }
    run_.config.task.name = request_.labels.size() > 1 || outputs > 1 ? "classification" : "regression";
  }

  /// The names of a trained head's outputs: a run's own, or those of the config.json beside the head.
  KnownOutputs known_outputs(const HubConfig& hub, bool own_head) const {
    if (saved_ && !saved_->info.labels.empty())
      return {saved_->info.labels, saved_task_file(weights_.task_folder).string(), true};
    return {hub.labels, run_.base->small().path("config.json").string(), own_head};
  }

  /// The task, with its labels in the order of the outputs.
  TaskInfo find_task(const KnownOutputs& known) {
    TaskInfo info = task_info(run_.config.task);
    const bool as_trained = saved_ && saved_->config.name == run_.config.task.name;
    if (as_trained) info.pair = saved_->info.pair;
    check_columns(request_, info, as_trained || glue_files(info.name) != nullptr);
    if (!has_classes(info.kind)) {
      if (!request_.labels.empty()) throw ConfigError(cat("--labels: the task ", info.name, " has no class names"));
      return info;
    }
    info.labels = labels_of_outputs(info, request_.labels, known);
    run_.config.task.labels = info.labels;
    return info;
  }

  void settle_task() {
    const HubConfig hub = run_.base->config(head_use(task_info(run_.config.task).kind));
    check_base();
    const int64_t brought = run_.adapter ? run_.adapter->head_outputs(hub.architecture) : 0;
    const int64_t held = brought != 0 ? brought : run_.base->head_outputs(hub.architecture);
    if (!saved_ && !weights_.is_checkpoint && !names_task()) guess_task(held);
    run_.task = make_task(find_task(known_outputs(hub, brought == 0 && !run_.checkpoint)));
    int64_t& length = run_.config.training.max_length;
    length = std::min(length, hub.architecture.max_positions);
    const int64_t outputs = run_.task->info.num_outputs();
    if (held != 0 && outputs != 0 && held != outputs && !run_.checkpoint) {
      throw ModelError(cat(weights_.folder.string(), ": its head has ", held, " outputs, the task ",
                           run_.task->info.name, " has ", outputs));
    }
  }

  void settle_text() {
    check_base();
    run_.task = make_task(task_info(run_.config.task));
    if (run_.task->predicts()) throw ConfigError(cat("task.name: ", run_.task->info.name, " generates no text"));
  }

  /// The tokenizer and the network of a run whose task and config are known.
  void load() {
    RunConfig& config = run_.config;
    run_.device = prepare_device(config);
    config.model.path = run_.base->path().string();
    run_.tokenizer = std::make_unique<Tokenizer>(run_.base->tokenizer());
    limit_length(*run_.tokenizer, config);
    run_.model = load_model(*run_.base, run_.task->info, scalar_type(config.model.dtype), 0, run_.device);
    if (run_.adapter) choose_targets(run_.adapter->lora, run_.model->hub.architecture);
    if (run_.adapter) load_adapter(run_.model->network, run_.model->names, *run_.adapter);
    if (run_.checkpoint) fill_network(run_.model->network, *run_.checkpoint);
  }

  void warn_of_random_modules() const {
    for (const std::string& module : run_.model->initialised) {
      const bool given =
          run_.checkpoint || (run_.adapter && run_.adapter->tensors.contains(peft_name(module) + ".weight"));
      if (!given)
        log::warning(
            cat(module, " is in neither the base nor the adapter: it is random, and so is what depends on it"));
    }
  }

  const LoadRequest& request_;
  RunWeights weights_;
  std::optional<SavedTask> saved_;
  std::vector<std::string> overrides_;
  LoadedRun run_;
};

}  // namespace

LoadedRun open_run(const LoadRequest& request, Purpose purpose) { return RunOpener(request).open(purpose); }

}  // namespace hiddenkey
