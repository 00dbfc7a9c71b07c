#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/progress.h"
#include "run/checkpoint_folder.h"
#include "run/journal.h"
#include "run/run_folder.h"
#include "train/evaluator.h"
#include "train/job.h"
#include "train/last_loss.h"
#include "train/optimizer.h"
#include "train/run_identity.h"
#include "train/schedule.h"
#include "train/step_gradient.h"
#include "train/step_interval.h"
#include "train/step_plan.h"
#include "train/step_watch.h"

namespace hiddenkey {

/// A training run from its current step to its end.
class Trainer {
 public:
  Trainer(Job& job, RunFolder& folder, const RunIdentity& identity, bool quiet);

  /// Goes on from a checkpoint. ConfigError or ModelError where it was made with something else than the job has.
  void restore(const FoundCheckpoint& checkpoint);

  /// Stops, with the state saved, after the first evaluation at or behind that share of the steps. ConfigError where
  /// the run is there already, or evaluates nothing.
  void pause_at(double share);

  /// Trains, and writes all that a run leaves. Throws DivergedError (the update that would do harm has not been done,
  /// the state before it is saved) or StoppedError (the state is saved).
  nlohmann::ordered_json run();

 private:
  void train_step(int64_t step);
  void check_finite();
  void log_interval();
  void evaluate();
  void make_texts();
  bool text_is_due() const;
  void mark_best();
  SavedTask saved_task(const std::vector<Evaluation>& evaluations) const;
  void save_trained(const std::vector<Evaluation>& evaluations);
  void save_checkpoint();
  void show_progress();
  [[noreturn]] void stop();
  bool is_behind_pause() const;
  bool pause_is_due() const;
  [[noreturn]] void pause();
  bool has_run_out_of_patience() const;
  nlohmann::ordered_json finish();

  Job& job_;
  RunFolder& folder_;
  CheckpointFolder checkpoints_;
  StepPlan plan_;
  Schedule schedule_;
  AdamW optimizer_;
  StepGradient gradient_;
  StepInterval interval_;
  RunState state_;
  std::optional<Journal> journal_;
  Progress progress_;
  Evaluator evaluator_;
  StepWatch watch_;
  LastLoss last_loss_;              ///< of a step, for the line of progress
  int64_t steps_done_ = 0;          ///< by this process
  std::optional<double> pause_at_;  ///< share of the steps
  std::vector<Evaluation> last_evaluations_;
  nlohmann::ordered_json last_text_;  ///< metrics of the last texts; null where none were made
};

}  // namespace hiddenkey
