#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/notes.h"
#include "data/table.h"

namespace hiddenkey {

/// The class names in a column: numbers by size, else in alphabetical order. DataError with the line where a label is
/// missing, a list, not UTF-8, or of another kind than the first (a truth value among numbers); and where there are
/// fewer than two. Of multi-label classification all that the lists of labels name, of which there may be one.
std::vector<std::string> labels_in(const Table& table, const std::string& column, TaskKind kind);

/// The same of names that were found elsewhere; `what` says where, for the message.
std::vector<std::string> sorted_labels(const std::set<std::string>& names, const std::string& what, std::size_t least);

/// Gives each row's example its label: a class number, a score, or the classes that apply. Of multi-label
/// classification a row has a list, or text with commas between the names, and may name nothing; where there is no such
/// column, but one for each of the task's labels, these hold 1 or 0. DataError with the line where a label is missing,
/// a list, not UTF-8, no number or none of the task's. Labels that differ from the task's in their case alone are taken
/// and noted.
void read_labels(const Table& table, const std::string& column, const TaskInfo& task,
                 std::vector<TextExample>& examples, Notes& notes);

/// Whether a table that may do without labels has them.
bool has_labels(const Table& table, const std::string& column, const TaskInfo& task);

/// Finds the numbers of names among a task's labels.
class ClassFinder {
 public:
  explicit ClassFinder(const std::vector<std::string>& labels);

  /// The class of a label; of one that differs in case alone only where one class is called so. DataError with the line
  /// where there is none.
  int32_t find(const std::string& label, const std::string& source, int64_t line);
  /// Notes how many labels differed in case alone.
  void note(Notes& notes) const;

 private:
  const std::vector<std::string>& labels_;
  std::vector<std::string> lower_;
  int64_t other_case_ = 0;
  std::string example_;
};

}  // namespace hiddenkey
