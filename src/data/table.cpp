#include "data/table.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "data/jsonl.h"
#include "data/table_lines.h"

namespace hiddenkey {
namespace {

void add_row(Table& table, std::vector<std::string> fields, int64_t line, BrokenRows broken) {
  if (table.columns.empty()) {
    for (std::size_t i = 0; i < fields.size(); ++i) table.columns.push_back(std::to_string(i));
  }
  if (fields.size() != table.columns.size()) {
    if (broken == BrokenRows::kSkip) {
      ++table.broken;
      return;
    }
    fail_at(table.source, line, cat("expected ", table.columns.size(), " fields, found ", fields.size()));
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

/// Reads records of CSV; the line goes on over the line breaks in them.
class CsvReader {
 public:
  CsvReader(std::string_view rest, const std::string& source) : rest_(rest), source_(source) {}

  bool at_end() const { return rest_.empty(); }
  int64_t line() const { return line_; }

  std::vector<std::string> record() {
    fields_ = {""};
    const int64_t first_line = line_;
    place_ = Place::kPlain;
    for (bool ended = false; !ended && !rest_.empty();) {
      const char c = take();
      if (place_ == Place::kQuoted) {
        take_quoted(c);
      } else {
        ended = c == '\n';
        if (!ended) take_plain(c);
      }
    }
    if (place_ == Place::kQuoted) fail_at(source_, first_line, "a quote is not closed");
    return std::move(fields_);
  }

 private:
  enum class Place { kPlain, kQuoted, kBehindQuote };

  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '\n') ++line_;
    return c;
  }

  void take_quoted(char c) {
    if (c != '"') {
      fields_.back() += c;
    } else if (!rest_.empty() && rest_.front() == '"') {
      fields_.back() += take();
    } else {
      place_ = Place::kBehindQuote;
    }
  }

  void take_plain(char c) {
    if (c == ',') {
      fields_.emplace_back();
      place_ = Place::kPlain;
    } else if (c == '\r') {
      if (!rest_.empty() && rest_.front() != '\n')
        fail_at(source_, line_, "CR stands alone, outside of quotes; lines end in LF or CRLF");
    } else if (place_ == Place::kBehindQuote) {
      fail_at(source_, line_,
              cat("text follows the quote that closes \"", fields_.back().substr(0, 60),
                  "\"; a quote inside of a quoted field is written twice"));
    } else if (c == '"' && fields_.back().empty()) {
      place_ = Place::kQuoted;
    } else {
      fields_.back() += c;
    }
  }

  std::string_view rest_;
  const std::string& source_;
  int64_t line_ = 1;
  Place place_ = Place::kPlain;
  std::vector<std::string> fields_;
};

void parse_csv(std::string_view bytes, bool header, BrokenRows broken, Table& table) {
  for (CsvReader reader(bytes, table.source); !reader.at_end();) {
    const int64_t first = reader.line();
    std::vector<std::string> fields = reader.record();
    if (fields.size() == 1 && fields.front().empty()) continue;
    if (header && table.columns.empty()) {
      table.columns = std::move(fields);
    } else {
      add_row(table, std::move(fields), first, broken);
    }
  }
}

void parse_text(std::string_view rest, Table& table) {
  table.columns = {"text"};
  std::string_view line;
  for (int64_t number = 1; next_line(rest, line); ++number) {
    table.rows.push_back({std::string(line)});
    table.lines.push_back(number);
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
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  if (const std::size_t nul = bytes.find('\0'); nul != std::string_view::npos) {
    fail_at(source, 1 + std::count(bytes.begin(), bytes.begin() + static_cast<int64_t>(nul), '\n'),
            "holds a NUL byte, so it is no text");
  }
  check_line_ends(bytes, source);
  if (format == TableFormat::kText) parse_text(bytes, table);
  if (format == TableFormat::kTsv) parse_tsv(bytes, header, broken, table);
  if (format == TableFormat::kCsv) parse_csv(bytes, header, broken, table);
  if (format == TableFormat::kJsonl) parse_jsonl(bytes, table);
  if (table.rows.empty()) throw DataError(cat(source, ": holds no examples"));
  return table;
}

}  // namespace hiddenkey
