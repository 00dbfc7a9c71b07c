#include "train/build.h"

#include <algorithm>

#include "core/error.h"
#include "core/heap.h"
#include "core/log.h"
#include "core/stop_signal.h"
#include "core/text.h"
#include "data/class_counts.h"
#include "data/labels.h"
#include "data/loader.h"
#include "data/reader.h"
#include "data/task.h"
#include "generate/hub_generation.h"
#include "model/families/families.h"
#include "model/gguf_model.h"
#include "model/load_weights.h"
#include "model/model_files.h"
#include "model/open_weights.h"
#include "model/write_model.h"
#include "train/check_ids.h"
#include "train/device.h"
#include "train/model_choices.h"
#include "train/precision.h"

namespace hiddenkey {
namespace {

void check_length(const RunConfig& config, const Architecture& architecture) {
  if (config.training.max_length > architecture.max_positions) {
    throw ConfigError(cat("training.max_length: ", config.training.max_length, " is more than the ",
                          architecture.max_positions, " positions of the model"));
  }
}

std::string with_commas(int64_t number) {
  std::string text = std::to_string(number);
  for (int64_t i = static_cast<int64_t>(text.size()) - 3; i > 0; i -= 3) text.insert(static_cast<std::size_t>(i), ",");
  return text;
}

void load_dev_prompts(Job& job, const std::vector<std::string>& present) {
  if (job.task.kind != TaskKind::kGeneration || job.config.generation.every.kind == EpochInterval::Kind::kNever) return;
  if (std::find(present.begin(), present.end(), "dev") != present.end()) job.prompts = load_prompts(job.config, "dev");
  if (job.prompts.empty()) return;
  require_text_metrics(job.config.generation.meteor_data);
  job.generation = generation_setup(job.config, job.config.model.path, *job.tokenizer, /*trained=*/true);
}

/// The head that a checkpoint brings keeps the order of its own classes, whatever the task's is.
void meet_model_labels(Job& job, const HubConfig& hub) {
  if (job.task.kind != TaskKind::kClassification || hub.labels.empty()) return;
  const auto order = in_order_of(job.task, hub.labels);
  if (!order) {
    log::warning(cat(job.config.model.path, ": its config.json names the classes ", join(hub.labels, ", "),
                     "; the task has ", join(job.task.labels, ", "), ", which are taken in this order"));
  } else if (*order != job.task.labels) {
    reorder_labels(*order, job.task, job.train);
    log::info(cat("labels: in the order of the model's outputs: ", join(*order, ", ")));
  }
}

/// The splits that are evaluated during training: dev, and MNLI's other one.
void load_data(Job& job, const HubConfig& hub) {
  const RunConfig& config = job.config;
  const std::vector<std::string> present = splits(config.task);
  job.task = task_info(config.task);
  job.train =
      load_dataset(config.task, job.task, "train", *job.tokenizer, config.training.max_length, config.training.limit);
  meet_model_labels(job, hub);
  if (config.evaluation.metric != "auto") job.task.metric = config.evaluation.metric;
  load_dev_prompts(job, present);
  if (config.evaluation.every.kind == Interval::Kind::kNever) return;
  for (const std::string& split : present) {
    throw_if_stopped();
    if (split.starts_with("dev"))
      job.evaluation.push_back(load_dataset(config.task, job.task, split, *job.tokenizer, config.training.max_length,
                                            config.evaluation.limit));
  }
  if (job.evaluation.empty()) {
    throw DataError(
        cat("the task ", job.task.name,
            " has no dev split to evaluate on; name one with task.validation, or set evaluation.every=never"));
  }
}

bool is_plain(const std::string& name) { return name.ends_with(".bias") || name.find("norm.") != std::string::npos; }

void choose_trained(Job& job) {
  RunConfig& config = job.config;
  Network& network = job.model->network;
  if (config.method == Method::kFull) {
    job.trained = train_everything(network);
    for (const NamedTensor& named : job.trained.tensors) {
      if (is_plain(named.name)) job.no_decay.push_back(named.name);
    }
    return;
  }
  // A pooler that had to be made up is a part of what is learnt: without it the adapter would mean nothing elsewhere.
  for (const std::string& module : job.model->initialised) {
    if (module.ends_with("pooler.dense")) config.lora.modules_to_save.push_back("pooler");
  }
  job.trained = inject(network, job.model->names, config.lora, static_cast<uint64_t>(config.training.seed));
}

/// The classes and how they are measured, and what of the data is not read.
void describe_task(const Job& job) {
  if (job.task.kind == TaskKind::kClassification) {
    log::info(cat("classes: ", describe_classes(job.task, job.train)));
    const std::string small = describe_small_classes(job.task, job.train);
    if (!small.empty()) log::warning(small);
  }
  if (!job.evaluation.empty())
    log::info(cat("metrics: ", describe_metrics(job.task), "; ", job.task.metric, " chooses the best"));
  if (!job.config.task.test.empty())
    log::info("task.test: a training does not read it; `hiddenkey eval RUN --split test` does");
}

}  // namespace

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
  const std::unique_ptr<WeightSource> checkpoint = open_weights(folder);
  if (const std::string untied = settle_tied_head(*checkpoint, hub.architecture); !untied.empty()) log::warning(untied);
  const at::ScalarType scalar = type == BaseType::kBFloat16 ? at::kBFloat16 : at::kFloat;
  LoadedWeights loaded = load_weights(*checkpoint, hub.architecture, task.num_outputs(), scalar, seed, device);
  WeightNames names(hub.architecture);
  Network network(hub.architecture, std::move(loaded.weights));
  return std::make_unique<Model>(
      Model{folder, std::move(hub), std::move(names), std::move(network), std::move(loaded.initialised)});
}

GenerationSetup generation_setup(const RunConfig& config, const fs::path& model, const Tokenizer& tokenizer,
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
    log::warning(cat((model / hub.file).string(), ": names no eos_token_id, so a text goes on to its greatest length"));
  }
  return setup;
}

TextEvaluationOptions text_options(const RunConfig& config) {
  return {config.task.name, config.generation.batch_size, config.generation.meteor_data, stop_requested, {}};
}

std::vector<GenerationItem> load_prompts(const RunConfig& config, const std::string& split) {
  std::vector<GenerationItem> items = read_generation_items(config.task, split);
  const auto limit = static_cast<std::size_t>(config.generation.limit);
  if (limit > 0 && limit < items.size()) items.resize(limit);
  return items;
}

Job build_job(const RunConfig& config) {
  Job job;
  job.config = config;
  job.device = choose_device(config.training.device);
  settle_dtype(job.config, job.device);
  use_matmul_precision(config.training.matmul, job.device);
  const fs::path folder = config.model.path;
  const HubConfig hub = read_hub_config(folder, head_use(task_info(config.task)));
  check_length(config, hub.architecture);
  if (config.method == Method::kFull) check_writable_base(folder);
  choose_targets(job.config.lora, hub.architecture);
  job.plan = plan_for(config, hub.architecture);
  job.tokenizer = std::make_unique<Tokenizer>(load_tokenizer(folder));
  limit_length(*job.tokenizer, job.config);
  load_data(job, hub);
  throw_if_stopped();
  check_ids(job.train, *job.tokenizer, hub.architecture);
  for (const Dataset& dataset : job.evaluation) check_ids(dataset, *job.tokenizer, hub.architecture);
  job.model =
      load_model(folder, job.config.model.dtype, job.task, static_cast<uint64_t>(config.training.seed), job.device);
  release_free_memory();  // what reading a checkpoint left
  choose_trained(job);
  job.objective = {job.task.kind, config.training.label_smoothing, config.consistency,
                   config.training.activation_checkpointing};
  return job;
}

/// A learning rate that is far from what people take for such a model is worth a second look.
void hint_at_rate(const RunConfig& config, const Architecture& architecture) {
  const UsualRates& rates = find_family(architecture.family)->rates;
  const bool lora = config.method == Method::kLora;
  const double low = lora ? rates.lora_low : rates.full_low, high = lora ? rates.lora_high : rates.full_high;
  const double rate = config.training.learning_rate;
  if (rate >= low && rate <= high) return;
  log::info(cat("training.learning_rate: ", format_number(rate), " is outside of what is usual for ",
                lora ? "LoRA" : "full finetuning", " of ", architecture.family, ", ", format_number(low), " to ",
                format_number(high)));
}

void describe_job(const Job& job) {
  const RunConfig& config = job.config;
  const Architecture& a = job.model->hub.architecture;
  log::info(cat("model: ", config.model.path, " (", a.family, ", ", a.num_layers, " layers, hidden ", a.hidden_size,
                ", ", config.model.dtype == BaseType::kBFloat16 ? "bfloat16" : "float32", ") on ",
                device_name(job.device)));
  log::info(cat("data: ", job.task.name, ", ", with_commas(static_cast<int64_t>(job.train.examples.size())),
                " training examples, ", with_commas(job.train.tokens), " tokens"));
  for (const Dataset& dataset : job.evaluation)
    log::info(
        cat("      ", dataset.split, ": ", with_commas(static_cast<int64_t>(dataset.examples.size())), " examples"));
  describe_task(job);
  if (job.train.truncated > 0)
    log::warning(cat(job.train.truncated, " training examples are longer than ", config.training.max_length,
                     " tokens and were cut"));
  if (job.train.left_out > 0)
    log::warning(cat(job.train.left_out, " training examples are longer than ", config.training.max_length,
                     " tokens and were left out: a text is never cut"));
  if (!job.generation.taken.empty()) log::info(job.generation.taken);
  if (job.model->initialised.empty()) {
    log::info(a.head == HeadUse::kLanguage ? "head: the language model's own" : "head: from the checkpoint");
  } else {
    log::info(cat("head: newly initialised: ", join(job.model->initialised, ", ")));
  }
  hint_at_rate(config, a);
  for (const auto& [name, count] : job.trained.counts)
    log::info(cat("lora: \"", name, "\" matches ", count, " modules"));
  int64_t total = 0;
  for (const NamedTensor& named : job.model->network.leaves()) total += named.tensor.numel();
  const int64_t base = total + job.trained.adapter_parameters;
  const int64_t trainable = job.trained.adapter_parameters + job.trained.saved_parameters;
  log::info(cat("parameters: ", with_commas(trainable), " of ", with_commas(base), " are trained (",
                with_commas(job.trained.adapter_parameters), " in adapters, ",
                with_commas(job.trained.saved_parameters),
                config.method == Method::kFull ? " in the model)" : " in the head)"));
  const std::vector<std::string> sites = job.plan.describe();
  for (const std::string& site : sites) log::info("dropout: " + site);
  if (sites.empty()) log::info("dropout: none is active");
  if (const ConsistencyLoss loss = *config.consistency.loss; loss != ConsistencyLoss::kNone) {
    log::info(cat("consistency: ", loss == ConsistencyLoss::kKl ? "kl" : "js", ", weight ",
                  format_number(config.consistency.weight), ", gradient of ",
                  config.consistency.backward == ConsistencyBackward::kOne ? "one branch" : "both branches"));
  }
}

}  // namespace hiddenkey
