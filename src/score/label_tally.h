#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "score/hit_counts.h"
#include "score/metric_values.h"

namespace hiddenkey {

/// A row an example and a column a label: 1 where the example has the label, else 0.
using LabelMatrix = std::vector<std::vector<uint8_t>>;

/// 1 where a logit is above 0, which is a probability above a half.
LabelMatrix predicted_labels(const std::vector<std::vector<float>>& logits);

/// All that the metrics of several labels an example take from predictions that are labels and no scores. Each member
/// is a sum over the examples.
struct LabelTally {
  explicit LabelTally(std::size_t labels) : of(labels) {}
  LabelTally(const LabelMatrix& predictions, const LabelMatrix& labels);

  /// Counts an example so many times; a negative number takes it out again.
  void add(const std::vector<uint8_t>& predicted, const std::vector<uint8_t>& real, double times = 1);

  std::vector<HitCounts> of;  ///< one a label
  double examples = 0;
  double exact = 0;      ///< examples of which each label is right
  double sample_f1 = 0;  ///< sum of each example's own F1, which is 0 where it has no label and none is predicted
};

/// accuracy (of whole sets of labels), the averages of averaged_metric_names over all labels, f1_samples and
/// hamming_loss.
std::vector<std::string> label_metric_names();
bool is_label_metric(const std::string& name);
double label_metric(const std::string& name, const LabelTally& tally);

/// roc_auc_macro, roc_auc_micro, average_precision_macro and average_precision_micro, which need scores.
std::vector<std::string> label_ranking_names();
bool is_label_ranking(const std::string& name);

/// `scores` are logits or probabilities. Macro is the mean over the labels: a ROC-AUC is NaN where a label is on all
/// examples or on none.
double label_ranking(const std::string& name, const std::vector<std::vector<double>>& scores,
                     const LabelMatrix& labels);

/// The metrics of these names, of both sorts, in their order.
MetricValues label_metrics(const std::vector<std::string>& names, const std::vector<std::vector<float>>& logits,
                           const LabelMatrix& labels);

}  // namespace hiddenkey
