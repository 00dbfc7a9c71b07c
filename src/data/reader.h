#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/notes.h"
#include "data/sources/tagged.h"
#include "data/table.h"

namespace hiddenkey {

/// The file of one's own that a split is read from, for GLUE's tasks too; "" where none is named.
std::string own_file(const TaskConfig& config, const std::string& split);

/// The file of a split; "" where the task has no such split. GLUE: train, dev, test (MNLI also dev_mismatched and
/// test_mismatched) in data_dir, e2e and webnlg: train, dev, test there; one's own, which go before GLUE's: train, dev
/// (task.validation), test.
std::filesystem::path split_file(const TaskConfig& config, const std::string& split);

/// The splits whose files are there, train first.
std::vector<std::string> splits(const TaskConfig& config);

/// The texts and labels of a split. The labels of one's own classification that are not in the config are taken from
/// the training file. DataError for a split or a file that is not there, and with the line for a label that is unknown
/// or missing (a test file may do without labels), a score that is no number, or a missing text. The prompts and
/// completions of a task of generation: what their readers say (data/e2e.h, data/webnlg.h, data/generation.h). Texts
/// that are empty or not UTF-8 are noted.
std::vector<TextExample> read_split(const TaskConfig& config, TaskInfo& task, const std::string& split, Notes& notes);

/// Examples to be labelled: the text columns, and an id from the column `id` or `index`, else the row's number from 0.
/// The columns of the config go before the task's own (GLUE's of its test files; of generation the prompt's).
std::vector<TextExample> read_inputs(const Table& table, const TaskConfig& config, Notes& notes);

/// Words to be tagged, as examples.
std::vector<TextExample> read_word_inputs(const std::vector<TaggedText>& texts, Notes& notes);

}  // namespace hiddenkey
