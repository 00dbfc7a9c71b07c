#include "report/example_metric.h"

#include "data/task.h"
#include "report/statistics.h"
#include "report/swaps.h"
#include "score/glue_metrics.h"

namespace hiddenkey {
namespace {

/// Of each example how many runs are right here less how many are there.
std::vector<int64_t> right_differences(const PairedRuns& runs) {
  std::vector<int64_t> differences(runs.examples, 0);
  for (const RunPair& pair : runs.pairs) {
    for (std::size_t i = 0; i < pair.here->labels.size(); ++i) {
      const double label = pair.here->labels[i];
      differences[pair.first + i] +=
          (pair.here->answers[i] == label ? 1 : 0) - (pair.there->answers[i] == label ? 1 : 0);
    }
  }
  return differences;
}

}  // namespace

ExampleMetric::ExampleMetric(const std::string& name, const std::string& task, const std::vector<std::string>& labels)
    : name_(name), labels_(labels), text_(is_generation(task) ? text_metric(task, name) : TextMetric()) {}

bool ExampleMetric::is_known() const {
  return text_ != nullptr || (labels_.empty() ? is_score_metric(name_) : is_class_metric(name_));
}

RunPredictions ExampleMetric::read(const std::filesystem::path& run) const {
  return text_ ? read_texts(run) : read_predictions(run, labels_);
}

double ExampleMetric::of(const RunPredictions& run) const {
  if (text_) return text_(run.segments).over(all_segments(run.segments.size()));
  if (labels_.empty()) return score_metric(name_, run.answers, run.labels);
  const std::vector<int> answers(run.answers.begin(), run.answers.end()), labels(run.labels.begin(), run.labels.end());
  return class_metric(name_, ClassTally(answers, labels), labels_.size());
}

double ExampleMetric::p(const PairedRuns& runs) const {
  if (text_) return two_sided_p(swap_texts(runs, text_));
  if (name_ == "accuracy") return sign_flip_p(right_differences(runs));
  if (name_ == "spearman") return two_sided_p(swap_ranks(runs));
  return two_sided_p(labels_.empty() ? swap_scores(runs, name_) : swap_classes(runs, name_, labels_.size()));
}

}  // namespace hiddenkey
