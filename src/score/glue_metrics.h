#pragma once

#include <string>
#include <vector>

#include "score/class_tally.h"
#include "score/metric_values.h"

/// The metrics of GLUE, equal to scikit-learn's and scipy's. Where a metric divides by zero: Matthews and F1 are 0 as
/// in scikit-learn, correlations are NaN as in scipy, and also where a value is NaN.
namespace hiddenkey {

double accuracy(const std::vector<int>& predictions, const std::vector<int>& labels);
/// Of the class `positive` against all others.
double f1(const std::vector<int>& predictions, const std::vector<int>& labels, int positive = 1);
/// Mean of F1 over the classes that occur in labels or predictions.
double macro_f1(const std::vector<int>& predictions, const std::vector<int>& labels);
/// For any number of classes (Gorodkin's generalisation).
double matthews(const std::vector<int>& predictions, const std::vector<int>& labels);

double pearson(const std::vector<double>& x, const std::vector<double>& y);
/// Pearson of the ranks, ties at their mean rank.
double spearman(const std::vector<double>& x, const std::vector<double>& y);
double mean_squared_error(const std::vector<double>& x, const std::vector<double>& y);

/// From 1, ties at their mean rank; of values without NaN, which has no place in an order.
std::vector<double> ranks(const std::vector<double>& values);

/// Whether score_metric knows the name.
bool is_score_metric(const std::string& name);
/// pearson, spearman or mse.
double score_metric(const std::string& name, const std::vector<double>& scores, const std::vector<double>& labels);

/// The metrics of these names, of classes or of scores, in their order. `labels` are the numbers of the classes, or
/// scores.
MetricValues compute_metrics(const std::vector<std::string>& names, const std::vector<std::vector<float>>& logits,
                             const std::vector<double>& labels);

}  // namespace hiddenkey
