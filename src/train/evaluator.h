#pragma once

#include <cstdint>
#include <vector>

#include "task/evaluation.h"
#include "task/text_metrics.h"
#include "train/job.h"

namespace hiddenkey {

/// Measures a job's model while it trains. Where memory runs out it goes on with smaller batches.
class Evaluator {
 public:
  Evaluator(const Job& job, bool shows_progress);

  /// All splits that are evaluated. StoppedError where a signal came in between.
  std::vector<Evaluation> evaluate();
  /// Makes text for the dev prompts and measures it. StoppedError likewise.
  TextEvaluation make_texts();

 private:
  const Job& job_;
  bool shows_progress_;
  int64_t batch_size_, text_batch_size_;  ///< lower than the config's once memory ran out
};

}  // namespace hiddenkey
