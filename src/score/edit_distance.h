#pragma once

#include <cstddef>
#include <vector>

#include "score/token_corpus.h"

namespace hiddenkey {

/// One step on the way from a hypothesis to a reference.
enum class Edit : unsigned char { kNone, kKeep, kSubstitute, kDelete, kInsert };

/// The distance of Levenshtein from hypotheses of one length to one reference. What two hypotheses that follow each
/// other share at their beginning is found once.
class EditDistance {
 public:
  /// Cells further than `beam` from the diagonal are left out, other than those of the last word's row.
  EditDistance(const Tokens& reference, std::size_t hypothesis_size, std::size_t beam);

  int operator()(const Tokens& hypothesis);
  /// The steps of the last hypothesis, first word first. Of equal ones keeping or substituting goes before deleting,
  /// and that before inserting, seen from the end.
  std::vector<Edit> steps() const;

 private:
  struct Cell {
    int cost;
    Edit edit;
  };
  void fill_row(std::size_t row, std::uint32_t word);

  const Tokens& reference_;
  Tokens hypothesis_;
  double slope_;
  std::size_t beam_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace hiddenkey
