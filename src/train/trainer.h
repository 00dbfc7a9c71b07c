#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/progress.h"
#include "run/checkpoint_folder.h"
#include "run/journal.h"
#include "run/run_folder.h"
#include "task/evaluation.h"
#include "train/job.h"
#include "train/last_loss.h"
#include "train/optimizer.h"
#include "train/run_identity.h"
#include "train/schedule.h"
#include "train/step_gradient.h"
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
  void evaluate_all();
  /// Makes text for the dev prompts and measures it.
  void measure_text();
  bool text_is_due() const;
  void note_best(const Evaluation& first, const std::vector<Evaluation>& all);
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

  Job& job_;
  RunFolder& folder_;
  CheckpointFolder checkpoints_;
  StepPlan plan_;
  Schedule schedule_;
  AdamW optimizer_;
  StepGradient gradient_;
  RunState state_;
  std::optional<Journal> journal_;
  Progress progress_;
  StepWatch watch_;
  int64_t steps_done_ = 0;          ///< by this process
  std::optional<double> pause_at_;  ///< share of the steps

  int64_t evaluation_batch_size_;  ///< lower than the config's once memory ran out
  int64_t text_batch_size_;        ///< likewise
  at::Tensor sums_;                ///< float64 [3] on the device: loss, CE, consistency since the last logged line
  at::Tensor grad_norm_;           ///< of the last step
  int64_t interval_tokens_ = 0;
  int64_t interval_label_tokens_ = 0;
  double interval_seconds_ = 0;
  LastLoss last_loss_;  ///< of a step, for the line of progress
  std::vector<Evaluation> last_evaluations_;
  nlohmann::ordered_json last_text_;  ///< metrics of the last texts; null where none were made
};

}  // namespace hiddenkey
