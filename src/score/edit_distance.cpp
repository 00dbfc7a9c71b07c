#include "score/edit_distance.h"

#include <algorithm>

namespace hiddenkey {
namespace {

constexpr int kFar = 1000000000;

}  // namespace

EditDistance::EditDistance(const Tokens& reference, std::size_t hypothesis_size, std::size_t beam)
    : reference_(reference),
      slope_(static_cast<double>(reference.size()) / static_cast<double>(std::max<std::size_t>(hypothesis_size, 1))),
      beam_(beam) {
  rows_.assign(hypothesis_size + 1, std::vector<Cell>(reference.size() + 1, Cell{kFar, Edit::kNone}));
  for (std::size_t j = 0; j <= reference.size(); ++j) rows_[0][j] = {static_cast<int>(j), Edit::kInsert};
}

int EditDistance::operator()(const Tokens& hypothesis) {
  std::size_t known = 0;
  while (known < hypothesis_.size() && hypothesis_[known] == hypothesis[known]) ++known;
  for (std::size_t row = known + 1; row <= hypothesis.size(); ++row) fill_row(row, hypothesis[row - 1]);
  hypothesis_ = hypothesis;
  return rows_.back().back().cost;
}

void EditDistance::fill_row(std::size_t row, std::uint32_t word) {
  // A row's cells are always the same ones, as the hypotheses are of one length: none is left from another hypothesis.
  const std::size_t last = rows_.size() - 1;
  const auto diagonal = static_cast<std::size_t>(static_cast<double>(row) * slope_);
  const std::size_t first = diagonal > beam_ ? diagonal - beam_ : 0;
  const std::size_t end = row == last ? reference_.size() + 1 : std::min(reference_.size() + 1, diagonal + beam_);
  const std::vector<Cell>& above = rows_[row - 1];
  std::vector<Cell>& cells = rows_[row];
  for (std::size_t j = first; j < end; ++j) {
    Cell cell{kFar, Edit::kNone};
    const auto offer = [&cell](int cost, Edit edit) {
      if (cost < cell.cost) cell = {cost, edit};
    };
    if (j > 0) {
      const bool same = word == reference_[j - 1];
      offer(above[j - 1].cost + (same ? 0 : 1), same ? Edit::kKeep : Edit::kSubstitute);
    }
    offer(above[j].cost + 1, Edit::kDelete);
    if (j > first) offer(cells[j - 1].cost + 1, Edit::kInsert);
    cells[j] = cell;
  }
}

std::vector<Edit> EditDistance::steps() const {
  std::vector<Edit> steps;
  std::size_t i = rows_.size() - 1, j = reference_.size();
  while (i > 0 || j > 0) {
    const Edit edit = rows_[i][j].edit;
    steps.push_back(edit);
    if (edit != Edit::kInsert) --i;
    if (edit != Edit::kDelete) --j;
  }
  std::reverse(steps.begin(), steps.end());
  return steps;
}

}  // namespace hiddenkey
