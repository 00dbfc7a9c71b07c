#pragma once

#include <string>
#include <vector>

#include "score/label_tally.h"

namespace hiddenkey {

/// What always giving one answer is worth: the answer that is right most often among the very examples that are
/// measured, so that no constant answer has a better accuracy there. Of several the first one in the order of the
/// labels.
struct Baseline {
  std::string answer;
  double accuracy = 0;
};

/// Of examples with one class each, by their numbers.
Baseline class_baseline(const std::vector<std::string>& names, const std::vector<int>& labels);

/// Of examples with any number of labels each. The answer is a whole set of labels: its names joined by ", ", or
/// "none".
Baseline label_baseline(const std::vector<std::string>& names, const LabelMatrix& labels);

/// Of sequences of tags. The accuracy is of words.
Baseline tag_baseline(const std::vector<std::string>& tags, const std::vector<std::vector<int>>& labels);

}  // namespace hiddenkey
