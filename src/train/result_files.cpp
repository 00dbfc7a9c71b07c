#include "train/result_files.h"

#include <cmath>

#include "adapter/adapter_file.h"
#include "model/write_model.h"
#include "run/device.h"
#include "run/journal.h"
#include "score/show_report.h"
#include "settings/config_values.h"
#include "settings/resolve_config.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

double rounded(double value, double scale) { return std::round(value * scale) / scale; }

}  // namespace

void write_trained(const Job& job, RunFolder& folder, const SavedTask& task,
                   const std::vector<Evaluation>& evaluations) {
  write_folder_atomically(folder.trained(), [&](const fs::path& unfinished) {
    if (job.config.method == Method::kLora) {
      write_adapter(unfinished, job.config.lora, task.base, job.model->names, job.trained);
    } else {
      write_model(unfinished, job.model->folder, job.model->network, job.model->names, job.task->info.labels,
                  problem_type(job.task->info.kind));
    }
    write_saved_task(unfinished, task);
  });
  folder.note_saved();
  if (!job.task->predicts()) return;
  for (std::size_t i = 0; i < evaluations.size(); ++i) {
    write_dev_predictions(folder.predictions(evaluations[i].split),
                          job.task->predictions(job.evaluation[i], evaluations[i].logits));
  }
}

Json run_result(const Job& job, const RunState& state, int64_t planned_steps,
                const std::vector<Evaluation>& evaluations, const Json& text) {
  Json json = {{"task", job.task->info.name},
               {"scheme", name_of_enum(job.config.dropout.scheme)},
               {"seed", job.config.training.seed},
               {"metric", job.task->info.metric}};
  json["best"] =
      state.best_metric ? Json{{"step", state.best_step}, {job.task->info.metric, *state.best_metric}} : Json(nullptr);
  Json final_metrics = Json::object();
  for (std::size_t i = 0; i < evaluations.size(); ++i) {
    Json& of_split = final_metrics[evaluations[i].split] = metrics_json(evaluations[i]);
    if (const auto report = job.task->report(job.evaluation[i], evaluations[i].logits))
      of_split.update(report_json(*report));
  }
  json["final"] = evaluations.empty() ? Json(nullptr) : final_metrics;
  if (job.task->info.kind == TaskKind::kGeneration) json["generation"] = text;
  json["steps"] = state.step;
  json["planned_steps"] = planned_steps;
  json["stopped_early"] = state.step < planned_steps;
  json["tokens"] = state.tokens;
  json["training_seconds"] = rounded(state.seconds, 1e3);
  json["tokens_per_second"] =
      state.seconds > 0 ? Json(rounded(static_cast<double>(state.tokens) / state.seconds, 10)) : Json(nullptr);
  json["peak_memory_bytes"] = peak_memory(job.device);
  json["trained_parameters"] = job.trained.adapter_parameters + job.trained.saved_parameters;
  json["device"] = device_name(job.device);
  json["config"] = resolved_json(job.config);
  return json;
}

}  // namespace hiddenkey
