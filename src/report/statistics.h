#pragma once

#include <cstdint>
#include <optional>
#include <vector>

/// What is known of a few numbers, and of pairs of them. The formulas are textbooks'; the distributions are
/// Boost.Math's.
namespace hiddenkey {

double mean(const std::vector<double>& values);
double median(std::vector<double> values);
/// With n - 1 in the denominator; nothing for fewer than two values.
std::optional<double> sample_deviation(const std::vector<double>& values);

/// Of the mean of paired differences, under the assumption that they are normal.
struct PairedT {
  double low = 0, high = 0;  ///< the confidence interval, 95%
  double p = 1;              ///< two-sided, that the mean is 0
};

/// Student's t with n - 1 degrees of freedom; nothing for fewer than two differences, or where all are the same.
/// Differences of a cross-validation are not independent: with what shared_training says, the variance of their mean is
/// (1 / n + shared) times theirs (Nadeau and Bengio, Machine Learning 52, 2003).
std::optional<PairedT> paired_t(const std::vector<double>& differences, double shared = 0);

/// The exact two-sided test that a sum of whole numbers is as far from 0 as it is by chance: the share of all 2^n
/// choices of their signs that give a sum as far. Where all are 1, -1 or 0 it is the sign test, which of two systems'
/// right answers is McNemar's exact test. 1 where all are zero.
double sign_flip_p(const std::vector<int64_t>& differences);

/// Wilcoxon's signed-rank test, two-sided and exact: the share of all 2^n choices of signs whose rank sum is as far
/// from the middle. Differences of zero are left out, and equal ones share their mean rank. Nothing where all are zero.
std::optional<double> signed_rank_p(const std::vector<double>& differences);

/// Holm's step-down correction of several p-values that are looked at together; what is missing stays so, and is not
/// counted.
std::vector<std::optional<double>> holm(const std::vector<std::optional<double>>& p);

}  // namespace hiddenkey
