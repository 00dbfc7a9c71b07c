#pragma once

#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/head_use.h"

namespace hiddenkey {

/// The GLUE tasks, e2e and webnlg, and the kinds of tasks for files of one's own.
std::vector<std::string> known_tasks();

/// What a kind of task is called, which is what a task of one's own is called too.
const char* name_of(TaskKind kind);

/// Transformers' word for what a classifier of sequences predicts; "" for other kinds.
const char* problem_type(TaskKind kind);

/// What a kind of task makes of a pretrained model.
HeadUse head_use(TaskKind kind);

/// How many columns of text an example has.
std::size_t text_column_count(const TaskInfo& task);

/// Whether the outputs of the head have names.
bool has_classes(TaskKind kind);

/// The metrics of all of them, and `loss`; the ones of a task are in its TaskInfo.
const std::vector<std::string>& known_metrics();

/// Whether a task of this name generates text.
bool is_generation(const std::string& task);

/// What is fixed about a task before a file is read; ConfigError for an unknown name. The labels of one's own
/// classification are the config's, or empty until the training file is read.
TaskInfo task_info(const TaskConfig& config);

/// The kind of a task, whose labels are these. Of a task that this version does not know it is what its labels tell.
TaskKind kind_of_task(const std::string& name, const std::vector<std::string>& labels);

/// How a GLUE task's original files are laid out; nullptr for a task of one's own.
struct GlueFiles {
  const char* name;
  bool header;                    ///< of train and dev; test files always have one
  std::vector<const char*> text;  ///< columns of train and dev; numbers where there is no header
  const char* label;
  std::vector<const char*> test_text;
};
const GlueFiles* glue_files(const std::string& task);

}  // namespace hiddenkey
