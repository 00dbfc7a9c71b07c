#pragma once

#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/table.h"

namespace hiddenkey {

/// The columns of a table that a task reads.
struct TableColumns {
  std::vector<std::string> text;  ///< one, or two for a pair
  std::string label;              ///< "" where there is none
  bool header = true;
};

/// The columns that the config names, which go before those of GLUE's files. ConfigError where none is known, one is
/// named twice, or a text column is the label's.
TableColumns table_columns(const TaskConfig& config, const std::string& split);

/// The texts of each row, and an id from the column `id` or `index`, else the row's number from 0. DataError where a
/// column or a text is missing.
std::vector<TextExample> texts_of(const Table& table, const std::vector<std::string>& columns);

}  // namespace hiddenkey
