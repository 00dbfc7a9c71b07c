#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "report/study.h"

namespace hiddenkey {

/// One cell's metric by seed and fold.
using CellValues = std::map<Replicate, double>;

/// Every two of several cells, paired by the seeds (and folds) that both have finished. The pairs are in the order (0,
/// 1), (0, 2),
/// ..., (1, 2), ...; a value is missing where two cells have too few seeds in common, or do not differ.
struct PairwiseTests {
  std::vector<std::optional<double>> difference;       ///< mean of the first - the second
  std::vector<std::optional<double>> t, t_holm;        ///< p-values; Holm's correction is over all pairs
  std::vector<std::optional<double>> rank, rank_holm;  ///< of the exact signed-rank test
};

/// `shared` is as shared_training says; where it is above 0 there is no signed-rank test.
PairwiseTests pairwise_tests(const std::vector<CellValues>& cells, double shared);

}  // namespace hiddenkey
