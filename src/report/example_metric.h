#pragma once

#include <memory>
#include <string>
#include <vector>

#include "report/run_predictions.h"

namespace hiddenkey {

/// A study's metric as a function of what was answered to each example.
class ExampleMetric {
 public:
  ExampleMetric() = default;
  virtual ~ExampleMetric() = default;
  ExampleMetric(const ExampleMetric&) = delete;
  ExampleMetric& operator=(const ExampleMetric&) = delete;

  virtual RunPredictions read(const std::filesystem::path& run) const = 0;
  virtual double of(const RunPredictions& run) const = 0;

  /// Two-sided: that the answers of the two cells could as well change sides. Accuracy of classes has the exact test of
  /// the sum of right answers here less those there, other metrics a permutation test of their means over the seeds.
  virtual double p(const PairedRuns& runs) const = 0;

  /// How far what `of` says may be from what the run has written: scores are written with seven digits.
  virtual double tolerance() const { return 1e-6; }
};

/// The metric of this name of a task with these labels; nullptr where it is none of single examples, as a loss and
/// METEOR are.
std::unique_ptr<ExampleMetric> example_metric(const std::string& name, const std::string& task,
                                              const std::vector<std::string>& labels);

}  // namespace hiddenkey
