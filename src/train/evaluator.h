#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "report/run_result.h"
#include "run/checkpoint_folder.h"
#include "run/journal.h"
#include "run/run_folder.h"
#include "task/evaluation.h"
#include "task/text_metrics.h"
#include "train/job.h"

namespace hiddenkey {

/// Measures a job's model while it trains, tells the journal, and keeps what was measured last. Where memory runs out
/// it goes on with smaller batches.
class Evaluator {
 public:
  Evaluator(const Job& job, const RunFolder& folder, Journal& journal, bool shows_progress);

  /// Evaluates all splits that are evaluated, and notes that in the state. True where the run was never better.
  /// StoppedError where a signal came in between.
  bool evaluate(RunState& state);
  /// Makes text for the dev prompts, measures and writes it. StoppedError likewise.
  void make_texts(RunState& state);

  // What was measured last; nothing where nothing was.
  const std::vector<Evaluation>& evaluations() const { return evaluations_; }
  const std::optional<TextResult>& text() const { return text_; }

 private:
  Evaluation evaluate(const Dataset& dataset);
  TextEvaluation measure_texts();

  const Job& job_;
  const RunFolder& folder_;
  Journal& journal_;
  bool shows_progress_;
  int64_t batch_size_, text_batch_size_;  ///< lower than the config's once memory ran out
  std::vector<Evaluation> evaluations_;
  std::optional<TextResult> text_;
};

}  // namespace hiddenkey
