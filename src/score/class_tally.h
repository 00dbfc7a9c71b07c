#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace hiddenkey {

/// All that the metrics of classes take from predictions: of each class how often it was predicted, how often it is
/// real, and how often both. Whole numbers, kept as what the formulas compute with.
struct ClassTally {
  /// Of classes numbered from 0, of which `classes` are known and the numbers may name more.
  ClassTally(const std::vector<int>& predictions, const std::vector<int>& labels, std::size_t classes = 0);

  std::vector<double> hits, predicted, real;
};

double accuracy(const ClassTally& tally);
/// Of the class `positive` against all others.
double f1(const ClassTally& tally, int positive = 1);
/// Mean of F1 over the classes that occur in labels or predictions.
double macro_f1(const ClassTally& tally);
/// For any number of classes (Gorodkin's generalisation).
double matthews(const ClassTally& tally);

/// Whether class_metric knows the name.
bool is_class_metric(const std::string& name);
/// accuracy, f1 (of two classes the second one's, of more the mean) or matthews, of a task with so many classes.
double class_metric(const std::string& name, const ClassTally& tally, std::size_t classes);

}  // namespace hiddenkey
