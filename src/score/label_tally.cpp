#include "score/label_tally.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/text.h"
#include "score/ranking.h"

namespace hiddenkey {
namespace {

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The share of single labels of single examples that are wrong.
double hamming_loss(const LabelTally& tally) {
  const HitCounts sum = sum_of(tally.of);
  return (sum.predicted + sum.real - 2 * sum.hits) / (tally.examples * static_cast<double>(tally.of.size()));
}

using RankingMetric = double (*)(const std::vector<double>& scores, const std::vector<uint8_t>& positive);

double micro_ranking(RankingMetric metric, const std::vector<std::vector<double>>& scores, const LabelMatrix& labels) {
  std::vector<double> all;
  std::vector<uint8_t> positive;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    all.insert(all.end(), scores[i].begin(), scores[i].end());
    positive.insert(positive.end(), labels[i].begin(), labels[i].end());
  }
  return metric(all, positive);
}

double macro_ranking(RankingMetric metric, const std::vector<std::vector<double>>& scores, const LabelMatrix& labels) {
  const std::size_t count = scores.empty() ? 0 : scores.front().size();
  double total = 0;
  for (std::size_t label = 0; label < count; ++label) {
    std::vector<double> column;
    std::vector<uint8_t> positive;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      column.push_back(scores[i][label]);
      positive.push_back(labels[i][label]);
    }
    total += metric(column, positive);
  }
  return total / static_cast<double>(count);
}

}  // namespace

LabelMatrix predicted_labels(const std::vector<std::vector<float>>& logits) {
  LabelMatrix labels;
  for (const std::vector<float>& row : logits) {
    std::vector<uint8_t>& predicted = labels.emplace_back();
    for (const float logit : row) predicted.push_back(logit > 0 ? 1 : 0);
  }
  return labels;
}

LabelTally::LabelTally(const LabelMatrix& predictions, const LabelMatrix& labels)
    : of(labels.empty() ? 0 : labels.front().size()) {
  for (std::size_t i = 0; i < labels.size(); ++i) add(predictions[i], labels[i]);
}

void LabelTally::add(const std::vector<uint8_t>& predicted, const std::vector<uint8_t>& real, double times) {
  HitCounts own;
  for (std::size_t label = 0; label < of.size(); ++label) {
    const double is_predicted = predicted[label], is_real = real[label];
    for (auto [counts, count] : {std::pair(&own, 1.0), std::pair(&of[label], times)}) {
      counts->hits += count * is_predicted * is_real;
      counts->predicted += count * is_predicted;
      counts->real += count * is_real;
    }
  }
  examples += times;
  exact += predicted == real ? times : 0;
  sample_f1 += times * own.f1();
}

std::vector<std::string> label_metric_names() {
  std::vector<std::string> names = {"accuracy"};
  const std::vector<std::string> averages = averaged_metric_names();
  names.insert(names.end(), averages.begin(), averages.end());
  names.insert(names.end(), {"f1_samples", "hamming_loss"});
  return names;
}

bool is_label_metric(const std::string& name) { return holds(label_metric_names(), name); }

double label_metric(const std::string& name, const LabelTally& tally) {
  if (name == "accuracy") return tally.exact / tally.examples;
  if (name == "f1_samples") return tally.sample_f1 / tally.examples;
  if (name == "hamming_loss") return hamming_loss(tally);
  if (const std::optional<double> value = averaged_metric(name, tally.of)) return *value;
  throw Error(ErrorKind::kBug, cat("no metric of labels is called ", name));
}

std::vector<std::string> label_ranking_names() {
  return {"roc_auc_macro", "roc_auc_micro", "average_precision_macro", "average_precision_micro"};
}

bool is_label_ranking(const std::string& name) { return holds(label_ranking_names(), name); }

double label_ranking(const std::string& name, const std::vector<std::vector<double>>& scores,
                     const LabelMatrix& labels) {
  const RankingMetric metric = name.starts_with("roc_auc") ? roc_auc : average_precision;
  return name.ends_with("_micro") ? micro_ranking(metric, scores, labels) : macro_ranking(metric, scores, labels);
}

MetricValues label_metrics(const std::vector<std::string>& names, const std::vector<std::vector<float>>& logits,
                           const LabelMatrix& labels) {
  const LabelTally tally(predicted_labels(logits), labels);
  std::vector<std::vector<double>> scores;
  for (const std::vector<float>& row : logits) scores.emplace_back(row.begin(), row.end());
  MetricValues values;
  for (const std::string& name : names)
    values.emplace_back(name, is_label_ranking(name) ? label_ranking(name, scores, labels) : label_metric(name, tally));
  return values;
}

}  // namespace hiddenkey
