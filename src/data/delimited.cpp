#include "data/delimited.h"

#include <string>
#include <utility>
#include <vector>

#include "core/text.h"
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

}  // namespace

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

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace hiddenkey
