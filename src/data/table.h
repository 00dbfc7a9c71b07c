#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hiddenkey {

enum class TableFormat { kTsv, kCsv, kJsonl, kText };
enum class BrokenRows { kRefuse, kSkip };

/// What stands in a field. TSV, CSV and text have nothing but text.
enum class FieldKind : uint8_t { kText, kNumber, kTruth, kMissing, kList, kObject };

/// Rows of fields under named columns. Line numbers are those of the file, from 1.
struct Table {
  std::string source;  ///< for messages
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::vector<std::vector<FieldKind>> kinds;  ///< of JSONL, for each field; otherwise empty
  std::vector<int64_t> lines;
  int64_t broken = 0;  ///< rows of another length that were passed over

  /// The number of a column; nothing where there is none. DataError where two columns have the name.
  std::optional<std::size_t> find(const std::string& column) const;
  /// DataError with near names where there is none.
  std::size_t require(const std::string& column) const;

  FieldKind kind(std::size_t row, std::size_t column) const;
  /// A field as text. DataError with the line where it is missing (JSON's null, or no such key), a list or an object.
  const std::string& field(std::size_t row, std::size_t column) const;
  /// A field that is a list, as texts. DataError with the line where it is none, or holds other lists, objects or null.
  std::vector<std::string> list(std::size_t row, std::size_t column) const;
};

/// "text", "a number", "a truth value", "missing", "a list", "an object".
const char* describe(FieldKind kind);

/// By the name's ending: .csv, .jsonl (or .json), otherwise TSV; `format` (tsv csv jsonl text) goes before.
TableFormat table_format(const std::string& name, const std::string& format);

/// TSV: split on tabs, never unquoted. CSV: quotes as RFC 4180 has them, line breaks inside of them too. JSONL: one
/// object a line; the columns are the keys of all of them, in order of appearance. Text: one column "text", a row a
/// line. A byte order mark and CRLF are accepted. Without `header` columns are named "0", "1", ... DataError with the
/// line for a row of too few or too many fields (or passes over it), a NUL, lines that end in CR alone, a quote that is
/// not closed or goes on behind its end, a line that is no JSON object or holds a key twice; and for an empty file.
Table parse_table(std::string_view bytes, const std::string& source, TableFormat format, bool header = true,
                  BrokenRows broken = BrokenRows::kRefuse);

}  // namespace hiddenkey
