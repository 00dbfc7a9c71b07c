#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "train/build.h"
#include "train/checkpoint_folder.h"
#include "train/evaluate.h"
#include "train/journal.h"
#include "train/optimizer.h"
#include "train/progress.h"
#include "train/run_folder.h"
#include "train/schedule.h"
#include "train/step_plan.h"

namespace hiddenkey {

/// A training run from its current step to its end.
class Trainer {
 public:
  Trainer(Job& job, const RunFolder& folder, const std::string& base_checksum, bool quiet);

  /// Goes on from a checkpoint. ConfigError where its data differs.
  void restore(const FoundCheckpoint& checkpoint);

  /// Trains, and writes all that a run leaves. Throws DivergedError (the update that would do harm has not been done,
  /// the state before it is saved) or StoppedError (the state is saved).
  nlohmann::ordered_json run();

 private:
  void train_step(int64_t step);
  void check_finite();
  void log_interval();
  /// False where a signal came in between.
  bool evaluate_all();
  /// Makes text for the dev prompts and measures it.
  void measure_text();
  bool text_is_due() const;
  void note_best(const Evaluation& first, const std::vector<Evaluation>& all);
  void save_result_model(const std::vector<Evaluation>& evaluations);
  void save_checkpoint();
  [[noreturn]] void stop();
  bool has_run_out_of_patience() const;
  nlohmann::ordered_json result();
  nlohmann::ordered_json training_note(const std::vector<Evaluation>& evaluations) const;

  Job& job_;
  const RunFolder& folder_;
  std::string base_checksum_;
  StepPlan plan_;
  Schedule schedule_;
  AdamW optimizer_;
  RunState state_;
  std::optional<Journal> journal_;
  Progress progress_;

  std::vector<std::vector<int64_t>> batches_;  ///< of epoch_
  int64_t epoch_ = -1;
  at::Tensor sums_;       ///< float64 [3] on the device: loss, CE, consistency since the last logged line
  at::Tensor grad_norm_;  ///< of the last step
  int64_t interval_tokens_ = 0;
  int64_t interval_label_tokens_ = 0;
  double interval_seconds_ = 0;
  std::string last_note_;
  std::vector<Evaluation> last_evaluations_;
  nlohmann::ordered_json last_text_;  ///< metrics of the last texts; null where none were made
};

}  // namespace hiddenkey
