#pragma once

#include <string>
#include <vector>

namespace hiddenkey {

/// Softmax of one row, in float64.
std::vector<double> probabilities(const std::vector<float>& logits);

/// The metrics of single-label classes that need their probabilities: roc_auc and average_precision.
std::vector<std::string> class_ranking_names();
bool is_class_ranking(const std::string& name);

/// Of two classes by the second one's score; of more the mean over the classes, each against all others. `scores` has a
/// row an example and a column a class: its probability, or what grows with it. NaN where one of more than two classes
/// has no example, which scikit-learn refuses or has as NaN.
double class_ranking(const std::string& name, const std::vector<std::vector<double>>& scores,
                     const std::vector<int>& labels);

}  // namespace hiddenkey
