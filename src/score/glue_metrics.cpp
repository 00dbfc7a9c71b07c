#include "score/glue_metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>

#include "core/error.h"
#include "core/text.h"

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

/// Of values without NaN, which has no place in an order.
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

}  // namespace

double accuracy(const std::vector<int>& predictions, const std::vector<int>& labels) {
  double right = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) right += predictions[i] == labels[i] ? 1 : 0;
  return right / static_cast<double>(labels.size());
}

double f1(const std::vector<int>& predictions, const std::vector<int>& labels, int positive) {
  double hits = 0, predicted = 0, real = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    hits += predictions[i] == positive && labels[i] == positive ? 1 : 0;
    predicted += predictions[i] == positive ? 1 : 0;
    real += labels[i] == positive ? 1 : 0;
  }
  return predicted + real == 0 ? 0 : 2 * hits / (predicted + real);
}

double macro_f1(const std::vector<int>& predictions, const std::vector<int>& labels) {
  std::set<int> classes(labels.begin(), labels.end());
  classes.insert(predictions.begin(), predictions.end());
  double sum = 0;
  for (const int positive : classes) sum += f1(predictions, labels, positive);
  return sum / static_cast<double>(classes.size());
}

double matthews(const std::vector<int>& predictions, const std::vector<int>& labels) {
  std::map<int, double> predicted, real;
  double right = 0;
  const auto count = static_cast<double>(labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    ++predicted[predictions[i]];
    ++real[labels[i]];
    right += predictions[i] == labels[i] ? 1 : 0;
  }
  double both = 0, predicted_squares = 0, real_squares = 0;
  for (const auto& [label, number] : real) {
    both += number * predicted[label];
    real_squares += number * number;
  }
  for (const auto& [label, number] : predicted) predicted_squares += number * number;
  const double spread = (count * count - predicted_squares) * (count * count - real_squares);
  return spread == 0 ? 0 : (right * count - both) / std::sqrt(spread);
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

std::vector<std::pair<std::string, double>> compute_metrics(const TaskInfo& task,
                                                            const std::vector<std::vector<float>>& logits,
                                                            const std::vector<double>& labels) {
  std::vector<int> predictions, classes;
  std::vector<double> scores;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    scores.push_back(logits[i][0]);
    predictions.push_back(static_cast<int>(std::max_element(logits[i].begin(), logits[i].end()) - logits[i].begin()));
    classes.push_back(static_cast<int>(labels[i]));
  }
  std::vector<std::pair<std::string, double>> results;
  for (const std::string& name : task.metrics) {
    double value = 0;
    if (name == "accuracy")
      value = accuracy(predictions, classes);
    else if (name == "f1")
      value = task.labels.size() == 2 ? f1(predictions, classes) : macro_f1(predictions, classes);
    else if (name == "matthews")
      value = matthews(predictions, classes);
    else if (name == "pearson")
      value = pearson(scores, labels);
    else if (name == "spearman")
      value = spearman(scores, labels);
    else if (name == "mse")
      value = mean_squared_error(scores, labels);
    else
      throw Error(ErrorKind::kBug, cat("no metric is called ", name));
    results.emplace_back(name, value);
  }
  return results;
}

}  // namespace hiddenkey
