#pragma once

#include <string>
#include <vector>

#include "report/run_predictions.h"
#include "score/text_metric.h"

namespace hiddenkey {

/// A study's metric as a function of what was answered to each example.
class ExampleMetric {
 public:
  /// `task` and `labels` are those of the runs.
  ExampleMetric(const std::string& name, const std::string& task, const std::vector<std::string>& labels);

  /// Whether it is one: a loss and METEOR are not.
  bool is_known() const;

  RunPredictions read(const std::filesystem::path& run) const;
  double of(const RunPredictions& run) const;

  /// Two-sided: that the answers of the two cells could as well change sides. Accuracy has the exact test of the sum of
  /// right answers here less those there, other metrics a permutation test of their means over the seeds.
  double p(const PairedRuns& runs) const;

 private:
  std::string name_;
  std::vector<std::string> labels_;
  TextMetric text_;
};

}  // namespace hiddenkey
