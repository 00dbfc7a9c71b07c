#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hiddenkey {

/// Where the examples come from and what is asked of them.
struct TaskConfig {
  std::string name = "classification";    ///< a GLUE task, e2e, webnlg, or a kind of task (data/task.h)
  std::string data_dir;                   ///< of the original files of a GLUE task, e2e or webnlg
  std::string train, validation, test;    ///< files of a task of one's own
  std::string format;                     ///< tsv csv jsonl conll; "" takes it from the file name; e2e: csv or lora
  std::vector<std::string> text_columns;  ///< one, or two for a pair; generation: prompt and completion;
                                          ///< token classification: the list of words
  std::string label_column = "label";
  std::vector<std::string> labels;  ///< in order; empty: as they first appear, sorted
  // A part of the training file as the dev split, instead of a file of its own (data/holdout.h).
  std::optional<double> validation_split;  ///< its share of the examples
  std::optional<int64_t> folds, fold;      ///< it is one of `folds` equal parts, counted from 1
  int64_t split_seed = 0;
};

}  // namespace hiddenkey
