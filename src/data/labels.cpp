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

std::string lower(const std::string& text) { return encode_utf8(to_lower(decode_utf8(text))); }

Names lower(Names names) {
  for (std::string& name : names) name = lower(name);
  return names;
}

Names sorted(Names names) {
  std::sort(names.begin(), names.end());
  return names;
}

/// `labels` rearranged as `names`, which are theirs one by one, are in `outputs`.
std::optional<Names> arranged(const Names& labels, const Names& names, const Names& outputs) {
  const Names known = sorted(names);
  const bool unique = std::adjacent_find(known.begin(), known.end()) == known.end();
  if (!unique || known != sorted(outputs)) return std::nullopt;
  Names result;
  for (const std::string& output : outputs)
    result.push_back(labels[static_cast<std::size_t>(std::find(names.begin(), names.end(), output) - names.begin())]);
  return result;
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

/// The classes that labels name.
class ClassFinder {
 public:
  explicit ClassFinder(const Names& labels) : labels_(labels), lower_(lower(labels)) {}

  /// The class of a label; of one that differs in case alone only where one class is called so. -1: none.
  int64_t find(const std::string& label) {
    const auto exact = std::find(labels_.begin(), labels_.end(), label);
    if (exact != labels_.end()) return exact - labels_.begin();
    const std::string wanted = lower(label);
    if (std::count(lower_.begin(), lower_.end(), wanted) != 1) return -1;
    const auto found = std::find(lower_.begin(), lower_.end(), wanted) - lower_.begin();
    if (other_case_++ == 0)
      example_ = cat("\"", label, "\" is taken as \"", labels_[static_cast<std::size_t>(found)], "\"");
    return found;
  }
  void note(Notes& notes) const {
    if (other_case_ == 0) return;
    notes.push_back(cat(other_case_, other_case_ == 1 ? " label differs" : " labels differ",
                        " from the task's in case alone: ", example_));
  }

 private:
  const Names& labels_;
  Names lower_;
  int64_t other_case_ = 0;
  std::string example_;
};

}  // namespace

std::optional<Names> in_order_of(const TaskInfo& task, const Names& outputs) {
  for (const Names& names : {task.labels, task.label_names}) {
    if (const auto exact = arranged(task.labels, names, outputs)) return exact;
    if (const auto any_case = arranged(task.labels, lower(names), lower(outputs))) return any_case;
  }
  return std::nullopt;
}

void reorder_labels(const Names& order, TaskInfo& task, Dataset& dataset) {
  std::vector<double> places;
  for (const std::string& label : task.labels)
    places.push_back(static_cast<double>(std::find(order.begin(), order.end(), label) - order.begin()));
  for (TokenExample& example : dataset.examples) {
    if (example.label) example.label = places[static_cast<std::size_t>(*example.label)];
  }
  task.labels = order;
}

Names labels_in(const Table& table, const std::string& column) {
  const std::size_t label = table.require(column);
  std::set<std::string> seen;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    seen.insert(label_text(table, row, label));
    if (table.kind(row, label) == table.kind(0, label)) continue;
    fail_at(table.source, table.lines[row],
            cat("the label is ", describe(table.kind(row, label)), ", and that of line ", table.lines[0], " is ",
                describe(table.kind(0, label)), "; the labels of a column are all of one kind"));
  }
  Names labels(seen.begin(), seen.end());
  constexpr std::size_t kMost = 1000;
  if (labels.size() < 2 || labels.size() > kMost) {
    throw DataError(cat(table.source, ": the column \"", column, "\" holds ", labels.size(),
                        " different labels; name them with task.labels if that is right"));
  }
  sort_labels(labels);
  return labels;
}

std::vector<double> read_labels(const Table& table, const std::string& column, const TaskInfo& task, Notes& notes) {
  const std::size_t label = table.require(column);
  ClassFinder classes(task.labels);
  std::vector<double> values;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const std::string& text = label_text(table, row, label);
    double value = 0;
    if (task.kind == TaskKind::kRegression) {
      if (!to_number(text, value))
        fail_at(table.source, table.lines[row], cat("the score \"", text, "\" is no number"));
    } else if (value = static_cast<double>(classes.find(text)); value < 0) {
      fail_at(table.source, table.lines[row],
              cat("the label \"", text.substr(0, 60), "\" is none of ", join(task.labels, ", "),
                  did_you_mean(text, task.labels)));
    }
    values.push_back(value);
  }
  classes.note(notes);
  return values;
}

bool has_no_label(const Table& table, const std::string& column) {
  const std::size_t label = table.require(column);
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    if (!is_missing(table, row, label)) return false;
  }
  return true;
}

}  // namespace hiddenkey
