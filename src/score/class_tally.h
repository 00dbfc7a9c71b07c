#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "score/hit_counts.h"

namespace hiddenkey {

/// All that the metrics of single-label classes take from predictions where these are names and no scores.
struct ClassTally {
  /// Of classes numbered from 0, of which `classes` are known and the numbers may name more.
  ClassTally(const std::vector<int>& predictions, const std::vector<int>& labels, std::size_t classes = 0);

  std::vector<HitCounts> of;  ///< one a class
};

double accuracy(const ClassTally& tally);
/// The mean of the recall over the classes that are real at least once.
double balanced_accuracy(const ClassTally& tally);
/// Of the class `positive` against all others.
double f1(const ClassTally& tally, int positive = 1);
/// Mean of F1 over the classes that occur in labels or predictions.
double macro_f1(const ClassTally& tally);
/// For any number of classes (Gorodkin's generalisation).
double matthews(const ClassTally& tally);

/// The names that class_metric knows: accuracy, balanced_accuracy, precision, recall, f1, the averages of
/// averaged_metric_names, and matthews.
std::vector<std::string> class_metric_names();
bool is_class_metric(const std::string& name);

/// The metric of a task with so many classes. Of two classes precision, recall and f1 are the second one's, of more the
/// macro average, which is over the classes that occur.
double class_metric(const std::string& name, const ClassTally& tally, std::size_t classes);

}  // namespace hiddenkey
