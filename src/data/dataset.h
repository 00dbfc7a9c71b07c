#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/task_config.h"
#include "text/tokenizer.h"

namespace hiddenkey {

enum class TaskKind { kClassification, kMultiLabel, kTokens, kRegression, kGeneration };

/// What is fixed about a task before a row is read.
struct TaskInfo {
  std::string name;
  TaskKind kind = TaskKind::kClassification;
  bool pair = false;
  std::vector<std::string> labels;        ///< names of classes or tags in index order; none where there are no classes
  std::vector<std::string> label_names;   ///< of GLUE's numbers: what Hugging Face's data sets call them, in this order
  std::vector<std::string> metrics;       ///< as reported, e.g. {"accuracy","f1"}
  std::vector<std::string> more_metrics;  ///< what is measured beside them, for those who look for it
  std::string metric;                     ///< the one that chooses the best: accuracy, matthews, pearson, loss, ...
  /// Whether a model's text is measured, beside its losses.
  bool makes_text() const { return kind == TaskKind::kGeneration; }
  /// Of the head that the task needs; 0 for generation, which has the language model's.
  int64_t num_outputs() const { return kind == TaskKind::kRegression ? 1 : static_cast<int64_t>(labels.size()); }
};

/// One example as text. `label` is a class index or a score. Labels are absent in a test file.
struct TextExample {
  std::string id;
  std::string text;  ///< of generation: the prompt
  std::optional<std::string> pair;
  std::optional<double> label;
  std::string completion;               ///< of generation: the text to be learned
  std::string group;                    ///< of generation: examples of one group are references for the same thing
  std::string part;                     ///< WebNLG: "seen" or "unseen"; otherwise empty
  int64_t line = 0;                     ///< of its file; 0: not known
  std::vector<std::string> words = {};  ///< of token classification, instead of a text
  /// Class numbers; of multi-label classification those that apply, in order; of token classification one for each
  /// word.
  std::optional<std::vector<int32_t>> labels = std::nullopt;
};

/// One example as ids (special tokens included).
struct TokenExample {
  std::string id;
  std::vector<int32_t> ids;
  std::vector<int32_t> type_ids;
  std::optional<double> label;
  int32_t prompt_length = 0;            ///< of generation: how many of the ids come before the first one in the loss
  std::vector<std::string> words = {};  ///< of token classification
  /// Of token classification: the place of each word's first id; -1 where the word has none, or none within the length.
  std::vector<int32_t> word_places = {};
  std::optional<std::vector<int32_t>> labels = std::nullopt;  ///< as TextExample has them
};

/// A named split, e.g. "train", "dev", "dev_mismatched", "test".
struct Dataset {
  std::string split;
  std::vector<TokenExample> examples;
  int64_t truncated = 0;  ///< how many were cut to max_length
  int64_t left_out = 0;   ///< how many the task cannot read (see Task::why_left_out)
  int64_t tokens = 0;
  int64_t available = 0;           ///< examples of the split, of which a limit takes the first
  std::vector<std::string> notes;  ///< what a person should know of the data: a sentence each
};

}  // namespace hiddenkey
