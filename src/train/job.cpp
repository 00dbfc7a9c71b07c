#include "train/job.h"

#include <algorithm>

#include "core/error.h"
#include "core/file.h"
#include "core/heap.h"
#include "core/log.h"
#include "core/stop_signal.h"
#include "core/text.h"
#include "data/metric_names.h"
#include "data/output_labels.h"
#include "data/reader.h"
#include "data/task.h"
#include "model/families/family.h"
#include "run/device.h"
#include "task/check_ids.h"
#include "task/load_dataset.h"

namespace hiddenkey {
namespace {

void check_length(const RunConfig& config, const Architecture& architecture) {
  if (config.training.max_length > architecture.max_positions) {
    throw ConfigError(cat("training.max_length: ", config.training.max_length, " is more than the ",
                          architecture.max_positions, " positions of the model"));
  }
}

void load_dev_prompts(Job& job, const ModelFiles& base, const std::vector<std::string>& present) {
  if (!job.task->info.makes_text() || job.config.generation.every.kind == EpochInterval::Kind::kNever) return;
  if (std::find(present.begin(), present.end(), "dev") != present.end()) job.prompts = load_prompts(job.config, "dev");
  if (job.prompts.empty()) return;
  require_text_metrics(job.config.generation.meteor_data);
  job.generation = generation_setup(job.config, base.small(), *job.tokenizer, /*trained=*/true);
}

/// The head that a checkpoint brings keeps the order of its own classes, whatever the task's is.
void meet_model_labels(Job& job, const HubConfig& hub) {
  if (!has_classes(job.task->info.kind) || hub.labels.empty()) return;
  const auto order = in_order_of(job.task->info, hub.labels);
  if (!order) {
    log::warning(cat(job.config.model.path, ": its config.json names the classes ", join(hub.labels, ", "),
                     "; the task has ", join(job.task->info.labels, ", "), ", which are taken in this order"));
  } else if (*order != job.task->info.labels) {
    reorder_labels(*order, job.task->info, job.train);
    log::info(cat("labels: in the order of the model's outputs: ", join(*order, ", ")));
  }
}

/// The splits that are evaluated during training: dev, and MNLI's other one.
void load_data(Job& job, const ModelFiles& base, const HubConfig& hub) {
  const RunConfig& config = job.config;
  const std::vector<std::string> present = splits(config.task);
  job.task = make_task(task_info(config.task));
  job.train =
      load_dataset(config.task, *job.task, "train", *job.tokenizer, config.training.max_length, config.training.limit);
  meet_model_labels(job, hub);
  if (config.evaluation.metric != "auto") judge_by(config.evaluation.metric, job.task->info);
  load_dev_prompts(job, base, present);
  if (config.evaluation.every.kind == Interval::Kind::kNever) return;
  for (const std::string& split : present) {
    throw_if_stopped();
    if (split.starts_with("dev"))
      job.evaluation.push_back(load_dataset(config.task, *job.task, split, *job.tokenizer, config.training.max_length,
                                            config.evaluation.limit));
  }
  if (job.evaluation.empty()) {
    throw DataError(
        cat("the task ", job.task->info.name,
            " has no dev split to evaluate on; name one with task.validation, or set evaluation.every=never"));
  }
}

/// Whether a part of the head that belongs to the pretrained model is in no checkpoint.
bool has_new_pooler(const Model& model) {
  return std::any_of(model.initialised.begin(), model.initialised.end(), [&](const std::string& module) {
    return model.names.find(*model.names.ours(module + ".weight"))->in_base;
  });
}

void choose_trained(Job& job) {
  RunConfig& config = job.config;
  Network& network = job.model->network;
  if (config.method == Method::kFull) {
    job.trained = train_everything(network);
    for (const NamedTensor& named : job.trained.saved) {
      if (!named.decays) job.no_decay.push_back(named.name);
    }
    return;
  }
  // A pooler that had to be made up is a part of what is learnt: without it the adapter would mean nothing elsewhere.
  if (has_new_pooler(*job.model))
    config.lora.modules_to_save.emplace_back(job.model->names.family().head.pretrained_as);
  job.trained = inject(network, job.model->names, config.lora, static_cast<uint64_t>(config.training.seed));
}

/// What training.class_weights comes to with the labels and the training examples at hand.
void weigh_classes(Job& job) {
  const std::optional<ClassWeights>& weights = job.config.training.class_weights;
  if (!weights) return;
  const std::vector<std::string>& labels = job.task->info.labels;
  if (!weights->balanced) {
    const std::string problem = class_weight_problem(*weights, labels);
    if (!problem.empty()) throw ConfigError("training.class_weights: " + problem);
  }
  job.objective.class_weights =
      weights->balanced ? job.task->balanced_weights(job.train) : in_label_order(*weights, labels);
  job.objective.class_weights_C = at::tensor(job.objective.class_weights, at::kFloat).to(job.device);
}

}  // namespace

Job build_job(const RunConfig& config, const ModelFiles& base) {
  Job job;
  job.config = config;
  job.device = prepare_device(job.config);
  const HubConfig hub = base.config(head_use(task_info(config.task).kind));
  check_length(config, hub.architecture);
  if (config.method == Method::kFull) job.texts = base.texts();
  choose_targets(job.config.lora, hub.architecture);
  job.plan = plan_for(config, hub.architecture);
  job.tokenizer = std::make_unique<Tokenizer>(base.tokenizer());
  limit_length(*job.tokenizer, job.config);
  load_data(job, base, hub);
  job.objective = {config.training.label_smoothing, config.consistency, config.training.activation_checkpointing};
  weigh_classes(job);
  throw_if_stopped();
  check_ids(job.train, *job.tokenizer, hub.architecture);
  for (const Dataset& dataset : job.evaluation) check_ids(dataset, *job.tokenizer, hub.architecture);
  job.model = load_model(base, job.task->info, scalar_type(job.config.model.dtype),
                         static_cast<uint64_t>(config.training.seed), job.device);
  release_free_memory();  // what reading a checkpoint left
  choose_trained(job);
  return job;
}

}  // namespace hiddenkey
