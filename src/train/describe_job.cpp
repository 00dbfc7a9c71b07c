#include "train/describe_job.h"

#include <algorithm>
#include <cstdio>

#include "core/log.h"
#include "core/text.h"
#include "data/class_counts.h"
#include "data/task.h"
#include "model/families/family.h"
#include "run/device.h"
#include "score/show_report.h"

namespace hiddenkey {
namespace {

std::string with_commas(int64_t number) {
  std::string text = std::to_string(number);
  for (int64_t i = static_cast<int64_t>(text.size()) - 3; i > 0; i -= 3) text.insert(static_cast<std::size_t>(i), ",");
  return text;
}

std::string describe_weights(const std::vector<std::string>& labels, const std::vector<double>& weights) {
  constexpr std::size_t kShown = 12;
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    char weight[32];
    std::snprintf(weight, sizeof weight, "%.4g", weights[i]);
    parts.push_back(cat(labels[i], " ", weight));
  }
  return join_first(parts, kShown);
}

/// The classes and how they are measured, and what of the data is not read.
void describe_task(const Job& job) {
  if (has_classes(job.task->info.kind)) {
    log::info(cat("classes: ", describe_classes(job.task->info, job.train)));
    const std::string small = describe_small_classes(job.task->info, job.train);
    if (!small.empty()) log::warning(small);
  }
  if (!job.objective.class_weights.empty())
    log::info("class weights: " + describe_weights(job.task->info.labels, job.objective.class_weights));
  if (!job.evaluation.empty())
    log::info(cat("metrics: ", describe_metrics(job.task->info), "; ", job.task->info.metric, " chooses the best"));
  for (const Dataset& dataset : job.evaluation) {
    if (const std::optional<Baseline> baseline = job.task->baseline(dataset))
      log::info(cat("baseline of ", dataset.split, ": ", describe_baseline(*baseline)));
  }
  if (!job.config.task.test.empty())
    log::info("task.test: a training does not read it; `hiddenkey eval RUN --split test` does");
}

/// A learning rate that is far from what people take for such a model is worth a second look.
void hint_at_rate(const RunConfig& config, const Architecture& architecture) {
  const UsualRates& rates = architecture.family->rates;
  const bool lora = config.method == Method::kLora;
  const double low = lora ? rates.lora_low : rates.full_low, high = lora ? rates.lora_high : rates.full_high;
  const double rate = config.training.learning_rate;
  if (rate >= low && rate <= high) return;
  log::info(cat("training.learning_rate: ", format_number(rate), " is outside of what is usual for ",
                lora ? "LoRA" : "full finetuning", " of ", architecture.family->name, ", ", format_number(low), " to ",
                format_number(high)));
}

void describe_model_and_data(const Job& job) {
  const Architecture& a = job.model->hub.architecture;
  log::info(cat("model: ", job.config.model.path, " (", a.family->name, ", ", a.num_layers, " layers, hidden ",
                a.hidden_size, ", ", job.config.model.dtype == BaseType::kBFloat16 ? "bfloat16" : "float32", ") on ",
                device_name(job.device)));
  log::info(cat("data: ", job.task->info.name, ", ", with_commas(static_cast<int64_t>(job.train.examples.size())),
                " training examples, ", with_commas(job.train.tokens), " tokens"));
  for (const Dataset& dataset : job.evaluation)
    log::info(
        cat("      ", dataset.split, ": ", with_commas(static_cast<int64_t>(dataset.examples.size())), " examples"));
}

/// Which training examples are not read as they are.
void warn_of_cuts(const Job& job) {
  const int64_t max_length = job.config.training.max_length;
  if (job.train.truncated > 0)
    log::warning(cat(job.train.truncated, " training examples are longer than ", max_length, " tokens and were cut"));
  if (job.train.left_out > 0)
    log::warning(cat(job.train.left_out, " training examples ", job.task->why_left_out(max_length)));
}

void describe_head(const Model& model) {
  if (!model.initialised.empty()) return log::info(cat("head: newly initialised: ", join(model.initialised, ", ")));
  const bool language = model.hub.architecture.head == HeadUse::kLanguage;
  log::info(language ? "head: the language model's own" : "head: from the checkpoint");
}

void describe_parameters(const Job& job) {
  for (const auto& [name, count] : job.trained.counts)
    log::info(cat("lora: \"", name, "\" matches ", count, " modules"));
  int64_t total = 0;
  for (const NamedTensor& named : job.model->network.leaves()) total += named.tensor.numel();
  const int64_t base = total + job.trained.adapter_parameters;
  const int64_t trainable = job.trained.adapter_parameters + job.trained.saved_parameters;
  log::info(cat("parameters: ", with_commas(trainable), " of ", with_commas(base), " are trained (",
                with_commas(job.trained.adapter_parameters), " in adapters, ",
                with_commas(job.trained.saved_parameters),
                job.config.method == Method::kFull ? " in the model)" : " in the head)"));
}

void describe_dropout(const Job& job) {
  const std::vector<std::string> sites = job.plan.describe();
  for (const std::string& site : sites) log::info("dropout: " + site);
  if (sites.empty()) log::info("dropout: none is active");
  const ConsistencyConfig& consistency = job.config.consistency;
  if (*consistency.loss == ConsistencyLoss::kNone) return;
  log::info(cat("consistency: ", *consistency.loss == ConsistencyLoss::kKl ? "kl" : "js", ", weight ",
                format_number(consistency.weight), ", gradient of ",
                consistency.backward == ConsistencyBackward::kOne ? "one branch" : "both branches"));
}

}  // namespace

void describe_job(const Job& job) {
  describe_model_and_data(job);
  describe_task(job);
  warn_of_cuts(job);
  if (!job.generation.taken.empty()) log::info(job.generation.taken);
  describe_head(*job.model);
  hint_at_rate(job.config, job.model->hub.architecture);
  describe_parameters(job);
  describe_dropout(job);
}

}  // namespace hiddenkey
