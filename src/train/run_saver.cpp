#include "train/run_saver.h"

#include "adapter/adapter_file.h"
#include "core/file.h"
#include "core/log.h"
#include "core/text.h"
#include "data/task.h"
#include "model/write_model.h"
#include "train/run_identity.h"

namespace hiddenkey {

using Json = nlohmann::ordered_json;

RunSaver::RunSaver(const Job& job, RunFolder& folder, const Updates& updates, Journal& journal)
    : job_(job),
      folder_(folder),
      updates_(updates),
      journal_(journal),
      checkpoints_(folder.checkpoints(), job.config.checkpoint.keep) {}

SavedTask RunSaver::saved_task(const RunState& state, const std::vector<Evaluation>& evaluations) const {
  Json metrics = Json::object();
  for (const Evaluation& evaluation : evaluations) metrics[evaluation.split] = measures_json(evaluation);
  SavedTask task;
  task.config = job_.config.task;
  task.info = job_.task->info;
  task.max_length = job_.config.training.max_length;
  task.base = fs::absolute(job_.config.model.path).lexically_normal().string();
  task.base_checksum = state.identity.at(kBaseWeights);
  task.training = {{"step", state.step},
                   {"metrics", metrics},
                   {"dropout", job_.plan.describe()},
                   {"seed", job_.config.training.seed}};
  return task;
}

void RunSaver::save_trained(const RunState& state, const std::vector<Evaluation>& evaluations) {
  const SavedTask task = saved_task(state, evaluations);
  write_folder_atomically(folder_.trained(), [&](const fs::path& unfinished) {
    if (job_.config.method == Method::kLora) {
      write_adapter(unfinished, job_.config.lora, task.base, job_.model->names, job_.trained);
    } else {
      write_model(unfinished, job_.texts, job_.model->network, job_.model->names, task.info.labels,
                  problem_type(task.info.kind));
    }
    write_saved_task(unfinished, task);
  });
  folder_.note_saved();
  if (!job_.task->predicts()) return;
  for (std::size_t i = 0; i < evaluations.size(); ++i) {
    write_dev_predictions(folder_.predictions(evaluations[i].split),
                          job_.task->predictions(job_.evaluation[i], evaluations[i].logits));
  }
}

void RunSaver::save_checkpoint(const RunState& now, const std::vector<Evaluation>& evaluations) {
  RunState state = now;
  state.metrics_size = journal_.saved_size();
  updates_.put_into(state);
  const bool measured = state.evaluated_step == state.step;
  checkpoints_.write(state, updates_.tensors(), saved_task(state, measured ? evaluations : std::vector<Evaluation>()));
  folder_.note_saved();
  mark_best(state);
}

void RunSaver::mark_best(const RunState& state) const {
  if (state.best_metric)
    checkpoints_.mark_best(state.best_step, cat(job_.task->info.metric, " ", format_number(*state.best_metric), "\n"));
}

RunState state_to_begin_with(const std::optional<FoundCheckpoint>& checkpoint, const RunIdentity& identity,
                             Updates& updates) {
  RunState state;
  state.identity = identity;
  if (!checkpoint) return state;
  check_identity(*checkpoint, identity);
  state = updates.restore(*checkpoint);
  log::info(cat("resumed after step ", state.step, " of ", updates.plan().total_steps));
  return state;
}

}  // namespace hiddenkey
