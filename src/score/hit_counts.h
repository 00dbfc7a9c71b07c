#pragma once

#include <optional>
#include <string>
#include <vector>

namespace hiddenkey {

/// How often one class (or label, or type of entity) was predicted, how often it is real, and how often it is both at
/// once. They are whole numbers, kept as what the formulas compute with.
struct HitCounts {
  double hits = 0, predicted = 0, real = 0;

  /// Each of these is 0 where it would divide by zero, as in scikit-learn.
  double precision() const;
  double recall() const;
  double f1() const;
};

/// The sums over all of them, from which micro averages are taken.
HitCounts sum_of(const std::vector<HitCounts>& counts);

/// Those that were predicted at least once or are real at least once.
std::vector<HitCounts> occurring(const std::vector<HitCounts>& counts);

/// precision, recall and f1 of several classes as one number each, under scikit-learn's names: precision_micro to
/// f1_weighted.
std::vector<std::string> averaged_metric_names();

/// The value of such a name over these classes, or nothing where the name is none of them. Micro takes the sums, macro
/// the mean over the classes (NaN where there are none), weighted their mean by how often each is real.
std::optional<double> averaged_metric(const std::string& name, const std::vector<HitCounts>& counts);

}  // namespace hiddenkey
