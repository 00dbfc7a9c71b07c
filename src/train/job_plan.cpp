#include "train/job_plan.h"

#include "config/visitors.h"
#include "core/log.h"
#include "core/text.h"
#include "model/families/family.h"
#include "run/device.h"
#include "settings/config_fields.h"
#include "train/schedule.h"
#include "train/step_plan.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

int64_t size_of_network(const Job& job) {
  int64_t size = 0;
  for (const NamedTensor& named : job.model->network.leaves()) size += named.tensor.numel();
  return size;
}

StepPlan steps_of(const Job& job) {
  return plan_steps(job.config.training, static_cast<int64_t>(job.train.examples.size()));
}

Json data_plan(const Job& job) {
  const auto describe = [](const Dataset& dataset) {
    return Json{{"examples", dataset.examples.size()},
                {"tokens", dataset.tokens},
                {"truncated", dataset.truncated},
                {"left_out", dataset.left_out}};
  };
  Json data = {{"train", describe(job.train)}};
  for (const Dataset& dataset : job.evaluation) data[dataset.split] = describe(dataset);
  if (!job.prompts.empty()) data["dev_prompts"] = job.prompts.size();
  return data;
}

Json model_plan(const Job& job) {
  const Architecture& a = job.model->hub.architecture;
  return {{"path", job.config.model.path},
          {"family", a.family->name},
          {"layers", a.num_layers},
          {"hidden_size", a.hidden_size},
          {"newly_initialised", job.model->initialised},
          {"device", device_name(job.device)}};
}

Json parameters_plan(const Job& job) {
  const Trained& trained = job.trained;
  return {{"total", size_of_network(job) + trained.adapter_parameters},
          {"trained", trained.adapter_parameters + trained.saved_parameters},
          {"adapters", trained.adapter_parameters},
          {job.config.method == Method::kFull ? "model" : "head", trained.saved_parameters}};
}

}  // namespace

Json job_plan(const Job& job, const MemoryEstimate& memory, const TimeEstimate& time) {
  const RunConfig& config = job.config;
  const StepPlan steps = steps_of(job);
  Json resolved = config_to_json(config);
  Json targets = Json::object();
  for (const auto& [name, count] : job.trained.counts) targets[name] = count;
  const bool two = *config.consistency.loss != ConsistencyLoss::kNone;
  return {
      {"model", model_plan(job)},
      {"task", {{"name", job.task->info.name}, {"labels", job.task->info.labels}, {"metric", job.task->info.metric}}},
      {"data", data_plan(job)},
      {"method", resolved["method"]},
      {"lora_targets", targets},
      {"parameters", parameters_plan(job)},
      {"dropout", job.plan.describe()},
      {"consistency", two ? resolved["consistency"] : Json(nullptr)},
      {"memory",
       {{"model_and_data", memory.held},
        {"training_state", memory.trained},
        {"activations", memory.activations},
        {"total", memory.total()}}},
      {"time",
       {{"total_seconds", time.total_seconds},
        {"step_seconds", time.step_seconds},
        {"evaluation_seconds", time.evaluation_seconds},
        {"evaluations", time.evaluations}}},
      {"steps",
       {{"total", steps.total_steps},
        {"per_epoch", steps.steps_per_epoch},
        {"batch_size", config.training.batch_size},
        {"gradient_accumulation", config.training.gradient_accumulation}}},
      {"schedule",
       {{"kind", resolved["training"]["schedule"]},
        {"learning_rate", config.training.learning_rate},
        {"warmup_steps", make_schedule(config.training, steps.total_steps).warmup_steps()}}},
      {"output_dir", config.output_dir}};
}

void describe_plan(const Job& job, const MemoryEstimate& memory) {
  const auto text = [](int64_t bytes) { return format_bytes(static_cast<double>(bytes)); };
  log::info(cat("memory: about ", text(memory.total()), " (program, model and data ", text(memory.held),
                ", training state ", text(memory.trained), ", activations of the longest batch ",
                text(memory.activations), ")"));
  const StepPlan steps = steps_of(job);
  log::info(cat("steps: ", steps.total_steps, " (", steps.steps_per_epoch, " an epoch, warm-up ",
                make_schedule(job.config.training, steps.total_steps).warmup_steps(), ")"));
}

std::string describe_time(const TimeEstimate& time) {
  std::string text =
      cat("about ", format_duration(time.total_seconds), " (", format_duration(time.step_seconds), " a step");
  if (time.evaluations > 0)
    text += cat(", ", time.evaluations, time.evaluations == 1 ? " evaluation of " : " evaluations of ",
                format_duration(time.evaluation_seconds));
  return text + ")";
}

}  // namespace hiddenkey
