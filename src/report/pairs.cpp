#include "report/pairs.h"

#include "report/statistics.h"

namespace hiddenkey {
namespace {

std::vector<double> paired_differences(const CellValues& here, const CellValues& there) {
  std::vector<double> differences;
  for (const auto& [replicate, value] : here) {
    const auto other = there.find(replicate);
    if (other != there.end()) differences.push_back(value - other->second);
  }
  return differences;
}

}  // namespace

PairwiseTests pairwise_tests(const std::vector<CellValues>& cells, double shared) {
  PairwiseTests tests;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    for (std::size_t j = i + 1; j < cells.size(); ++j) {
      const std::vector<double> differences = paired_differences(cells[i], cells[j]);
      const std::optional<PairedT> t = paired_t(differences, shared);
      tests.difference.push_back(differences.empty() ? std::nullopt : std::make_optional(mean(differences)));
      tests.t.push_back(t ? std::make_optional(t->p) : std::nullopt);
      tests.rank.push_back(shared == 0 ? signed_rank_p(differences) : std::nullopt);
    }
  }
  tests.t_holm = holm(tests.t);
  tests.rank_holm = holm(tests.rank);
  return tests;
}

}  // namespace hiddenkey
