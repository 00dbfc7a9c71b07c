#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/notes.h"
#include "data/table.h"

namespace hiddenkey {

/// The task's labels in the order of a model's outputs, matched by name whatever the case, as Transformers' run_glue
/// does; GLUE's numbers also match the names that Hugging Face's data sets give them. Nothing where the two are not the
/// same names.
std::optional<std::vector<std::string>> in_order_of(const TaskInfo& task, const std::vector<std::string>& outputs);

/// Puts the labels of a task, and those of a split that was read with them, into another order of the same labels.
void reorder_labels(const std::vector<std::string>& order, TaskInfo& task, Dataset& dataset);

/// The class names in a column: numbers by size, else in alphabetical order. DataError with the line where a label is
/// missing, a list, not UTF-8, or of another kind than the first (a truth value among numbers); and where there are
/// fewer than two.
std::vector<std::string> labels_in(const Table& table, const std::string& column);

/// The labels of a column as class numbers or scores. DataError with the line where one is missing, a list, not UTF-8,
/// no number or none of the task's. Labels that differ from the task's in their case alone are taken and noted.
std::vector<double> read_labels(const Table& table, const std::string& column, const TaskInfo& task, Notes& notes);

/// Whether no row has a label.
bool has_no_label(const Table& table, const std::string& column);

}  // namespace hiddenkey
