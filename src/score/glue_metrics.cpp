#include "score/glue_metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "core/error.h"
#include "core/text.h"
#include "score/class_ranking.h"

namespace hiddenkey {
namespace {

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

bool has_nan(const std::vector<double>& values) {
  return std::any_of(values.begin(), values.end(), [](double value) { return std::isnan(value); });
}

/// Asked of the values: the mean of equal numbers need not be that number, so their variance need not be 0.
bool is_constant(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [&](double value) { return value == values.front(); });
}

}  // namespace

std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> result(values.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double shared = static_cast<double>(begin + end + 1) / 2;
    for (std::size_t i = begin; i < end; ++i) result[order[i]] = shared;
    begin = end;
  }
  return result;
}

double accuracy(const std::vector<int>& predictions, const std::vector<int>& labels) {
  return accuracy(ClassTally(predictions, labels));
}

double f1(const std::vector<int>& predictions, const std::vector<int>& labels, int positive) {
  return f1(ClassTally(predictions, labels), positive);
}

double macro_f1(const std::vector<int>& predictions, const std::vector<int>& labels) {
  return macro_f1(ClassTally(predictions, labels));
}

double matthews(const std::vector<int>& predictions, const std::vector<int>& labels) {
  return matthews(ClassTally(predictions, labels));
}

double pearson(const std::vector<double>& x, const std::vector<double>& y) {
  if (x.size() < 2 || is_constant(x) || is_constant(y)) return std::numeric_limits<double>::quiet_NaN();
  const double mean_x = mean(x), mean_y = mean(y);
  double xx = 0, yy = 0, xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    yy += (y[i] - mean_y) * (y[i] - mean_y);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
  }
  return std::clamp(xy / (std::sqrt(xx) * std::sqrt(yy)), -1.0, 1.0);
}

double spearman(const std::vector<double>& x, const std::vector<double>& y) {
  if (has_nan(x) || has_nan(y)) return std::numeric_limits<double>::quiet_NaN();
  return pearson(ranks(x), ranks(y));
}

double mean_squared_error(const std::vector<double>& x, const std::vector<double>& y) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += (x[i] - y[i]) * (x[i] - y[i]);
  return sum / static_cast<double>(x.size());
}

bool is_score_metric(const std::string& name) { return name == "pearson" || name == "spearman" || name == "mse"; }

double score_metric(const std::string& name, const std::vector<double>& scores, const std::vector<double>& labels) {
  if (name == "pearson") return pearson(scores, labels);
  if (name == "spearman") return spearman(scores, labels);
  if (name == "mse") return mean_squared_error(scores, labels);
  throw Error(ErrorKind::kBug, cat("no metric is called ", name));
}

MetricValues compute_metrics(const std::vector<std::string>& names, const std::vector<std::vector<float>>& logits,
                             const std::vector<double>& labels) {
  std::vector<int> predictions, classes;
  std::vector<double> scores;
  std::vector<std::vector<double>> shares;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    scores.push_back(logits[i][0]);
    shares.push_back(probabilities(logits[i]));
    predictions.push_back(static_cast<int>(std::max_element(logits[i].begin(), logits[i].end()) - logits[i].begin()));
    classes.push_back(static_cast<int>(labels[i]));
  }
  const std::size_t width = logits.empty() ? 0 : logits.front().size();
  std::optional<ClassTally> tally;  // of classes alone: a score is no number of one
  if (std::any_of(names.begin(), names.end(), is_class_metric)) tally.emplace(predictions, classes);
  MetricValues results;
  for (const std::string& name : names) {
    results.emplace_back(name, is_class_metric(name)    ? class_metric(name, *tally, width)
                               : is_class_ranking(name) ? class_ranking(name, shares, classes)
                                                        : score_metric(name, scores, labels));
  }
  return results;
}

}  // namespace hiddenkey
