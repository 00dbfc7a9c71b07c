#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// Class weights that make up for how often each class occurs. DataError names a class without an example, which has no
/// such weight.
namespace hiddenkey {

/// scikit-learn's class_weight="balanced": all / (classes * count of the class), which is 1 on average over the
/// examples.
std::vector<double> balanced(const std::vector<std::string>& labels, const std::vector<int64_t>& counts);

/// Of labels that each apply or not: the examples without the label for each one with it, torch's pos_weight.
std::vector<double> balanced_positives(const std::vector<std::string>& labels, const std::vector<int64_t>& counts,
                                       int64_t examples);

}  // namespace hiddenkey
