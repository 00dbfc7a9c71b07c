#pragma once

#include <optional>
#include <string>

#include "run/event_writer.h"
#include "run/metrics_log.h"
#include "run/run_folder.h"
#include "task/evaluation.h"
#include "task/text_metrics.h"

namespace hiddenkey {

/// Means and sums of the steps since the last line.
struct StepLine {
  int64_t step = 0, total_steps = 0;
  double epoch = 0, loss = 0, ce = 0, learning_rate = 0, grad_norm = 0;
  std::optional<double> consistency;  ///< of two passes
  int64_t tokens = 0;
  std::optional<int64_t> label_tokens;  ///< of a generation
  double seconds = 0;
};

/// What a run tells of itself while it trains: metrics.jsonl, TensorBoard's events and the log.
class Journal {
 public:
  /// Goes on behind the first `size` bytes of metrics.jsonl.
  Journal(const RunFolder& folder, int64_t size, bool tensorboard);

  /// Bytes of metrics.jsonl, which are on the disk when this returns.
  int64_t saved_size();

  void write(const StepLine& line);
  void write(const Evaluation& evaluation, int64_t step);
  void write(const TextEvaluation& text, int64_t step, double seconds);
  void write_pause(int64_t step, double share);

 private:
  void scalar(const std::string& tag, double value, int64_t step);

  MetricsLog metrics_;
  std::optional<EventWriter> events_;
};

}  // namespace hiddenkey
