#pragma once

#include <cstdint>
#include <vector>

/// Metrics of scores that put examples into an order, of which some are positive. Equal scores have no order among
/// themselves: they are passed at once. Both are NaN where a score is NaN.
namespace hiddenkey {

/// The area under the receiver operating characteristic. NaN, as in scikit-learn, unless there are positive examples
/// and others.
double roc_auc(const std::vector<double>& scores, const std::vector<uint8_t>& positive);

/// The mean of the precision at each step of the recall, without interpolation. 0, as in scikit-learn, where no example
/// is positive.
double average_precision(const std::vector<double>& scores, const std::vector<uint8_t>& positive);

/// What both are computed from: examples are passed from the highest score to the lowest, those of one score together.
class RankingSums {
 public:
  void pass(double positives, double negatives) {
    if (positives + negatives == 0) return;
    area_ += negatives * (positives_ + positives / 2);
    positives_ += positives;
    negatives_ += negatives;
    precision_ += positives * positives_ / (positives_ + negatives_);
  }

  double roc_auc() const;
  double average_precision() const;

 private:
  double positives_ = 0, negatives_ = 0, area_ = 0, precision_ = 0;
};

}  // namespace hiddenkey
