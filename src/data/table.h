#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hiddenkey {

enum class TableFormat { kTsv, kCsv, kJsonl };
enum class BrokenRows { kRefuse, kSkip };

/// Rows of fields under named columns. Line numbers are those of the file, from 1.
struct Table {
  std::string source;  ///< for messages
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::vector<int64_t> lines;
  int64_t broken = 0;  ///< rows of another length that were passed over

  /// The number of a column; nothing where there is none.
  std::optional<std::size_t> find(const std::string& column) const;
  /// DataError with near names where there is none.
  std::size_t require(const std::string& column) const;
};

/// By the name's ending: .csv, .jsonl (or .json), otherwise TSV; `format` (tsv csv jsonl) goes before.
TableFormat table_format(const std::string& name, const std::string& format);

/// TSV: split on tabs, never unquoted. CSV: quotes as RFC 4180 has them, line breaks inside of them too. JSONL: one
/// object a line; the columns are those of the first one, and texts, numbers and booleans are taken. A byte order mark
/// and CRLF are accepted. Without `header` columns are named "0", "1", ... DataError with the line for a row of too few
/// or too many fields (or passes over it), a NUL, an unclosed quote, a line that is no JSON object; and for an empty
/// file.
Table parse_table(std::string_view bytes, const std::string& source, TableFormat format, bool header = true,
                  BrokenRows broken = BrokenRows::kRefuse);

}  // namespace hiddenkey
