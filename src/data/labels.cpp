#include "data/labels.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "core/error.h"
#include "core/text.h"
#include "data/table_lines.h"
#include "data/trim.h"
#include "text/unicode.h"

namespace hiddenkey {
namespace {

using Names = std::vector<std::string>;

bool to_number(const std::string& text, double& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && std::isfinite(number);
}

/// Names in order; numbers by size.
void sort_labels(Names& labels) {
  double number = 0;
  const bool numbers =
      std::all_of(labels.begin(), labels.end(), [&](const std::string& label) { return to_number(label, number); });
  std::sort(labels.begin(), labels.end(), [&](const std::string& a, const std::string& b) {
    if (!numbers) return a < b;
    double left = 0, right = 0;
    to_number(a, left);
    to_number(b, right);
    return left != right ? left < right : a < b;
  });
}

bool is_missing(const Table& table, std::size_t row, std::size_t column) {
  const FieldKind kind = table.kind(row, column);
  return kind == FieldKind::kMissing || (kind == FieldKind::kText && trimmed(table.rows[row][column]).empty());
}

/// A label as text, checked for all that needs no task.
const std::string& label_text(const Table& table, std::size_t row, std::size_t column) {
  const int64_t line = table.lines[row];
  const FieldKind kind = table.kind(row, column);
  if (is_missing(table, row, column))
    fail_at(table.source, line, cat("the label (\"", table.columns[column], "\") is missing"));
  if (kind == FieldKind::kList || kind == FieldKind::kObject)
    fail_at(table.source, line, cat("the label is ", describe(kind), "; expected text, a number or a truth value"));
  if (!is_utf8(table.rows[row][column])) fail_at(table.source, line, "the label holds bytes that are not UTF-8");
  return table.rows[row][column];
}

/// The names of a row's labels in multi-label classification.
Names label_set(const Table& table, std::size_t row, std::size_t column) {
  if (is_missing(table, row, column)) return {};
  if (table.kind(row, column) == FieldKind::kList) return table.list(row, column);
  Names names;
  for (const std::string& part : split(label_text(table, row, column), ',')) {
    if (const std::string name(trimmed(part)); !name.empty()) names.push_back(name);
  }
  return names;
}

/// The columns that hold 1 or 0 for each label, where the table has no column of lists.
std::optional<std::vector<std::size_t>> indicator_columns(const Table& table, const std::string& column,
                                                          const Names& labels) {
  if (labels.empty() || table.find(column)) return std::nullopt;
  std::vector<std::size_t> places;
  for (const std::string& label : labels) {
    const std::optional<std::size_t> place = table.find(label);
    if (!place) return std::nullopt;
    places.push_back(*place);
  }
  return places;
}

bool indicates(const Table& table, std::size_t row, std::size_t column) {
  const std::string& text = label_text(table, row, column);
  double number = 0;
  if (text == "true" || text == "false") return text == "true";
  if (to_number(text, number) && (number == 0 || number == 1)) return number == 1;
  fail_at(table.source, table.lines[row],
          cat("\"", table.columns[column], "\" is \"", text, "\"; a column that is called as a label holds 1 or 0"));
}

void read_indicators(const Table& table, const std::vector<std::size_t>& columns, std::vector<TextExample>& examples) {
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    std::vector<int32_t>& labels = examples[row].labels.emplace();
    for (std::size_t label = 0; label < columns.size(); ++label) {
      if (indicates(table, row, columns[label])) labels.push_back(static_cast<int32_t>(label));
    }
  }
}

void read_label_sets(const Table& table, const std::string& column, const TaskInfo& task,
                     std::vector<TextExample>& examples, Notes& notes) {
  if (const auto columns = indicator_columns(table, column, task.labels))
    return read_indicators(table, *columns, examples);
  const std::size_t place = table.require(column);
  ClassFinder classes(task.labels);
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    std::set<int32_t> found;
    for (const std::string& name : label_set(table, row, place))
      found.insert(classes.find(name, table.source, table.lines[row]));
    examples[row].labels.emplace(found.begin(), found.end());
  }
  classes.note(notes);
}

}  // namespace

ClassFinder::ClassFinder(const Names& labels) : labels_(labels) {
  for (const std::string& label : labels) lower_.push_back(to_lower_utf8(label));
}

int32_t ClassFinder::find(const std::string& label, const std::string& source, int64_t line) {
  const auto exact = std::find(labels_.begin(), labels_.end(), label);
  if (exact != labels_.end()) return static_cast<int32_t>(exact - labels_.begin());
  const std::string wanted = to_lower_utf8(label);
  if (std::count(lower_.begin(), lower_.end(), wanted) != 1) {
    fail_at(
        source, line,
        cat("the label \"", label.substr(0, 60), "\" is none of ", join(labels_, ", "), did_you_mean(label, labels_)));
  }
  const auto found = std::find(lower_.begin(), lower_.end(), wanted) - lower_.begin();
  if (other_case_++ == 0)
    example_ = cat("\"", label, "\" is taken as \"", labels_[static_cast<std::size_t>(found)], "\"");
  return static_cast<int32_t>(found);
}

void ClassFinder::note(Notes& notes) const {
  if (other_case_ == 0) return;
  notes.push_back(cat(other_case_, other_case_ == 1 ? " label differs" : " labels differ",
                      " from the task's in case alone: ", example_));
}

Names sorted_labels(const std::set<std::string>& names, const std::string& what, std::size_t least) {
  Names labels(names.begin(), names.end());
  constexpr std::size_t kMost = 1000;
  if (labels.size() < least || labels.size() > kMost) {
    throw DataError(
        cat(what, " holds ", labels.size(), " different labels; name them with task.labels if that is right"));
  }
  sort_labels(labels);
  return labels;
}

Names labels_in(const Table& table, const std::string& column, TaskKind kind) {
  const std::size_t label = table.require(column);
  const bool sets = kind == TaskKind::kMultiLabel;
  std::set<std::string> seen;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const Names names = sets ? label_set(table, row, label) : Names{label_text(table, row, label)};
    seen.insert(names.begin(), names.end());
    if (sets || table.kind(row, label) == table.kind(0, label)) continue;
    fail_at(table.source, table.lines[row],
            cat("the label is ", describe(table.kind(row, label)), ", and that of line ", table.lines[0], " is ",
                describe(table.kind(0, label)), "; the labels of a column are all of one kind"));
  }
  return sorted_labels(seen, cat(table.source, ": the column \"", column, "\""), sets ? 1 : 2);
}

void read_labels(const Table& table, const std::string& column, const TaskInfo& task,
                 std::vector<TextExample>& examples, Notes& notes) {
  if (task.kind == TaskKind::kMultiLabel) return read_label_sets(table, column, task, examples, notes);
  const std::size_t label = table.require(column);
  ClassFinder classes(task.labels);
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const std::string& text = label_text(table, row, label);
    double value = 0;
    if (task.kind != TaskKind::kRegression) {
      value = classes.find(text, table.source, table.lines[row]);
    } else if (!to_number(text, value)) {
      fail_at(table.source, table.lines[row], cat("the score \"", text, "\" is no number"));
    }
    examples[row].label = value;
  }
  classes.note(notes);
}

bool has_labels(const Table& table, const std::string& column, const TaskInfo& task) {
  if (task.kind == TaskKind::kMultiLabel && indicator_columns(table, column, task.labels)) return true;
  const std::optional<std::size_t> label = table.find(column);
  if (!label) return false;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    if (!is_missing(table, row, *label)) return true;
  }
  return false;
}

}  // namespace hiddenkey
