#pragma once

#include <string>
#include <string_view>

#include "data/table.h"

namespace hiddenkey {

// The rows of TSV and CSV go into a table, as parse_table says of them.

void parse_tsv(std::string_view bytes, bool header, BrokenRows broken, Table& table);
void parse_csv(std::string_view bytes, bool header, BrokenRows broken, Table& table);

/// A text as a field of CSV, in quotes where RFC 4180 wants them.
std::string csv_field(const std::string& text);

}  // namespace hiddenkey
