#include "data/table.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.h"
#include "core/text.h"
#include "data/delimited.h"
#include "data/jsonl.h"
#include "data/table_lines.h"

namespace hiddenkey {
namespace {

void parse_text(std::string_view rest, Table& table) {
  table.columns = {"text"};
  std::string_view line;
  for (int64_t number = 1; next_line(rest, line); ++number) {
    table.rows.push_back({std::string(line)});
    table.lines.push_back(number);
  }
}

/// What people take for a table and is none.
void check_is_text(std::string_view bytes, const std::string& source) {
  static constexpr std::pair<std::string_view, const char*> kBeginnings[] = {
      {"\xFF\xFE", "is UTF-16; save it as UTF-8"},
      {"\xFE\xFF", "is UTF-16; save it as UTF-8"},
      {"PK\x03\x04", "is a ZIP archive (an .xlsx is one), and no text; save the sheet as CSV"},
      {"\x1F\x8B", "is compressed by gzip; unpack it first"},
      {"PAR1", "is a Parquet file; save it as CSV or JSONL"}};
  for (const auto& [beginning, what] : kBeginnings) {
    if (bytes.starts_with(beginning)) throw DataError(cat(source, ": ", what));
  }
  if (const std::size_t nul = bytes.find('\0'); nul != std::string_view::npos) {
    fail_at(source, 1 + std::count(bytes.begin(), bytes.begin() + static_cast<int64_t>(nul), '\n'),
            "holds a NUL byte, so it is no text");
  }
}

/// A file of an old Mac would be one single line.
void check_line_ends(std::string_view bytes, const std::string& source) {
  const bool bare = bytes.find('\n') == std::string_view::npos && bytes.find('\r') < bytes.size() - 1;
  if (bare) fail_at(source, 1, "the lines end in CR alone; save the file with LF or CRLF");
}

}  // namespace

void fail_at(const std::string& source, int64_t line, const std::string& reason) {
  throw DataError(cat(source, ":", line, ": ", reason));
}

std::string_view checked_text(std::string_view bytes, const std::string& source) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  check_is_text(bytes, source);
  check_line_ends(bytes, source);
  return bytes;
}

bool next_line(std::string_view& rest, std::string_view& line) {
  if (rest.empty()) return false;
  const std::size_t end = rest.find('\n');
  line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return true;
}

const char* describe(FieldKind kind) {
  switch (kind) {
    case FieldKind::kText:
      return "text";
    case FieldKind::kNumber:
      return "a number";
    case FieldKind::kTruth:
      return "a truth value";
    case FieldKind::kMissing:
      return "missing";
    case FieldKind::kList:
      return "a list";
    case FieldKind::kObject:
      return "an object";
  }
  return "";
}

std::optional<std::size_t> Table::find(const std::string& column) const {
  const auto found = std::find(columns.begin(), columns.end(), column);
  if (found == columns.end()) return std::nullopt;
  if (std::find(found + 1, columns.end(), column) != columns.end())
    fail_at(source, 1, cat("two columns are called \"", column, "\""));
  return static_cast<std::size_t>(found - columns.begin());
}

FieldKind Table::kind(std::size_t row, std::size_t column) const {
  return kinds.empty() ? FieldKind::kText : kinds[row][column];
}

const std::string& Table::field(std::size_t row, std::size_t column) const {
  const FieldKind found = kind(row, column);
  if (found == FieldKind::kMissing) fail_at(source, lines[row], cat("\"", columns[column], "\" is missing"));
  if (found == FieldKind::kList || found == FieldKind::kObject)
    fail_at(source, lines[row], cat("\"", columns[column], "\" is ", describe(found), "; expected text"));
  return rows[row][column];
}

std::vector<std::string> Table::list(std::size_t row, std::size_t column) const {
  if (kind(row, column) != FieldKind::kList)
    fail_at(source, lines[row], cat("\"", columns[column], "\" is ", describe(kind(row, column)), "; expected a list"));
  std::vector<std::string> items;
  for (const nlohmann::json& item : nlohmann::json::parse(rows[row][column])) {
    if (item.is_structured() || item.is_null())
      fail_at(source, lines[row],
              cat("\"", columns[column], "\" holds ", item.dump().substr(0, 60), "; expected texts"));
    items.push_back(item.is_string() ? item.get<std::string>() : item.dump());
  }
  return items;
}

std::size_t Table::require(const std::string& column) const {
  if (const auto number = find(column)) return *number;
  throw DataError(cat(source, ":1: has no column \"", column, "\"", did_you_mean(column, columns), "; its columns are ",
                      join(columns, ", ")));
}

TableFormat table_format(const std::string& name, const std::string& format) {
  const auto is = [&](const char* wanted) {
    return format.empty() ? name.ends_with(std::string(".") + wanted) : format == wanted;
  };
  if (format == "text") return TableFormat::kText;
  if (is("csv")) return TableFormat::kCsv;
  if (is("jsonl") || (format.empty() && name.ends_with(".json"))) return TableFormat::kJsonl;
  return TableFormat::kTsv;
}

Table parse_table(std::string_view bytes, const std::string& source, TableFormat format, bool header,
                  BrokenRows broken) {
  Table table;
  table.source = source;
  bytes = checked_text(bytes, source);
  if (format == TableFormat::kText) parse_text(bytes, table);
  if (format == TableFormat::kTsv) parse_tsv(bytes, header, broken, table);
  if (format == TableFormat::kCsv) parse_csv(bytes, header, broken, table);
  if (format == TableFormat::kJsonl) parse_jsonl(bytes, table);
  if (table.rows.empty()) throw DataError(cat(source, ": holds no examples"));
  return table;
}

}  // namespace hiddenkey
