#include "data/table.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void fail(const std::string& source, int64_t line, const std::string& reason) {
  throw DataError(cat(source, ":", line, ": ", reason));
}

/// The next line without its end; false after the last.
bool next_line(std::string_view& rest, std::string_view& line) {
  if (rest.empty()) return false;
  const std::size_t end = rest.find('\n');
  line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return true;
}

void add_row(Table& table, std::vector<std::string> fields, int64_t line, BrokenRows broken) {
  if (table.columns.empty()) {
    for (std::size_t i = 0; i < fields.size(); ++i) table.columns.push_back(std::to_string(i));
  }
  if (fields.size() != table.columns.size()) {
    if (broken == BrokenRows::kSkip) {
      ++table.broken;
      return;
    }
    fail(table.source, line, cat("expected ", table.columns.size(), " fields, found ", fields.size()));
  }
  table.rows.push_back(std::move(fields));
  table.lines.push_back(line);
}

void parse_tsv(std::string_view rest, bool header, BrokenRows broken, Table& table) {
  std::string_view line;
  for (int64_t number = 1; next_line(rest, line); ++number) {
    if (line.empty()) continue;
    std::vector<std::string> fields = split(line, '\t');
    if (header && table.columns.empty()) {
      table.columns = std::move(fields);
    } else {
      add_row(table, std::move(fields), number, broken);
    }
  }
}

/// One record of CSV from `rest`; `line` goes on over the line breaks in it.
std::vector<std::string> csv_record(std::string_view& rest, int64_t& line, const std::string& source) {
  std::vector<std::string> fields(1);
  const int64_t first_line = line;
  bool quoted = false;
  while (!rest.empty()) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c == '\n') ++line;
    if (quoted) {
      if (c != '"') {
        fields.back() += c;
      } else if (!rest.empty() && rest.front() == '"') {
        fields.back() += '"';
        rest.remove_prefix(1);
      } else {
        quoted = false;
      }
    } else if (c == '"' && fields.back().empty()) {
      quoted = true;
    } else if (c == ',') {
      fields.emplace_back();
    } else if (c == '\n') {
      return fields;
    } else if (c != '\r' || rest.empty() || rest.front() != '\n') {
      fields.back() += c;
    }
  }
  if (quoted) fail(source, first_line, "a quote is not closed");
  return fields;
}

void parse_csv(std::string_view rest, bool header, BrokenRows broken, Table& table) {
  for (int64_t line = 1; !rest.empty();) {
    const int64_t first = line;
    std::vector<std::string> fields = csv_record(rest, line, table.source);
    if (fields.size() == 1 && fields.front().empty()) continue;
    if (header && table.columns.empty()) {
      table.columns = std::move(fields);
    } else {
      add_row(table, std::move(fields), first, broken);
    }
  }
}

std::string json_field(const Json& value, const std::string& source, int64_t line, const std::string& column) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return format_number(value.get<double>());
  if (value.is_number() || value.is_boolean()) return value.dump();
  fail(source, line, cat("\"", column, "\": expected text or a number"));
}

void parse_jsonl(std::string_view rest, Table& table) {
  std::string_view line;
  for (int64_t number = 1; next_line(rest, line); ++number) {
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_object()) fail(table.source, number, "is no JSON object; the line may be cut off");
    if (table.columns.empty()) {
      for (const auto& [key, value] : json.items()) table.columns.push_back(key);
    }
    std::vector<std::string> fields;
    for (const std::string& column : table.columns) {
      if (!json.contains(column)) fail(table.source, number, cat("\"", column, "\" is missing"));
      const Json& value = json[column];
      // Columns that nobody asks for may hold anything.
      fields.push_back(value.is_structured() || value.is_null() ? std::string()
                                                                : json_field(value, table.source, number, column));
    }
    table.rows.push_back(std::move(fields));
    table.lines.push_back(number);
  }
}

}  // namespace

std::optional<std::size_t> Table::find(const std::string& column) const {
  const auto found = std::find(columns.begin(), columns.end(), column);
  if (found == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns.begin());
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
  if (is("csv")) return TableFormat::kCsv;
  if (is("jsonl") || (format.empty() && name.ends_with(".json"))) return TableFormat::kJsonl;
  return TableFormat::kTsv;
}

Table parse_table(std::string_view bytes, const std::string& source, TableFormat format, bool header,
                  BrokenRows broken) {
  Table table;
  table.source = source;
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  if (const std::size_t nul = bytes.find('\0'); nul != std::string_view::npos) {
    fail(source, 1 + std::count(bytes.begin(), bytes.begin() + static_cast<int64_t>(nul), '\n'),
         "holds a NUL byte, so it is no text");
  }
  if (format == TableFormat::kTsv) parse_tsv(bytes, header, broken, table);
  if (format == TableFormat::kCsv) parse_csv(bytes, header, broken, table);
  if (format == TableFormat::kJsonl) parse_jsonl(bytes, table);
  if (table.rows.empty()) throw DataError(cat(source, ": holds no examples"));
  return table;
}

}  // namespace hiddenkey
