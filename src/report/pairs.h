#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace hiddenkey {

/// One cell's metric by seed.
using BySeed = std::map<int64_t, double>;

/// Every two of several cells, paired by the seeds that both have finished. The pairs are in the order (0, 1), (0, 2),
/// ..., (1, 2), ...; a value is missing where two cells have too few seeds in common, or do not differ.
struct PairwiseTests {
  std::vector<std::optional<double>> difference;       ///< mean of the first - the second
  std::vector<std::optional<double>> t, t_holm;        ///< p-values; Holm's correction is over all pairs
  std::vector<std::optional<double>> rank, rank_holm;  ///< of the exact signed-rank test
};

PairwiseTests pairwise_tests(const std::vector<BySeed>& cells);

}  // namespace hiddenkey
