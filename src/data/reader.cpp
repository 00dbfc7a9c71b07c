#include "data/reader.h"

#include <algorithm>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "data/data_file.h"
#include "data/e2e.h"
#include "data/generation.h"
#include "data/holdout.h"
#include "data/labels.h"
#include "data/task.h"
#include "data/webnlg.h"

namespace hiddenkey {
namespace {

/// GLUE's files, where MNLI has two of each.
std::string glue_file_name(const std::string& task, const std::string& split) {
  if (task != "mnli") return split + ".tsv";
  if (split == "dev" || split == "test") return split + "_matched.tsv";
  return split + ".tsv";
}

struct Columns {
  std::vector<std::string> text;
  std::string label;
  bool header = true;
};

void check_columns(const Columns& columns) {
  if (columns.text.empty()) throw ConfigError("the text columns are not known; give them with --text-columns a,b");
  if (columns.text.size() > 1 && columns.text[0] == columns.text[1])
    throw ConfigError(cat("task.text_columns: the column \"", columns.text[0], "\" is named twice"));
  if (std::find(columns.text.begin(), columns.text.end(), columns.label) != columns.text.end())
    throw ConfigError(cat("task.label_column: \"", columns.label, "\" is a text column already"));
}

/// Those that the config names go before those of GLUE's files.
Columns columns_of(const TaskConfig& config, const std::string& split) {
  const GlueFiles* files = glue_files(config.name);
  Columns columns{config.text_columns, config.label_column, true};
  if (files != nullptr) {
    const bool original = own_file(config, split).empty();
    const bool test = split.starts_with("test");
    const auto& text = test || !original ? files->test_text : files->text;
    if (columns.text.empty()) columns.text = {text.begin(), text.end()};
    if (original) {
      columns.label = test ? "" : files->label;
      columns.header = test || files->header;
    }
  }
  check_columns(columns);
  return columns;
}

/// STS-B's, MNLI's and others' rows have an id; CoLA's, SST-2's and one's own may not.
std::vector<TextExample> texts(const Table& table, const std::vector<std::string>& names) {
  std::vector<std::size_t> columns;
  for (const std::string& name : names) columns.push_back(table.require(name));
  std::optional<std::size_t> id = table.find("id");
  if (!id) id = table.find("index");
  std::vector<TextExample> examples(table.rows.size());
  for (std::size_t i = 0; i < examples.size(); ++i) {
    examples[i].id = id ? table.rows[i][*id] : std::to_string(i);
    examples[i].text = table.field(i, columns[0]);
    if (columns.size() > 1) examples[i].pair = table.field(i, columns[1]);
    examples[i].line = table.lines[i];
  }
  return examples;
}

Table read_table(const fs::path& path, const TaskConfig& config, const Columns& columns, bool original) {
  const TableFormat format = original ? TableFormat::kTsv : table_format(path.string(), config.format);
  // The published QQP has some rows that a line break of their own cuts in two.
  const BrokenRows broken = original && config.name == "qqp" ? BrokenRows::kSkip : BrokenRows::kRefuse;
  return parse_table(read_data_file(path), path.string(), format, columns.header, broken);
}

/// "validation" and the like are what others call the dev split.
[[noreturn]] void fail_split(const TaskConfig& config, const std::string& split,
                             const std::vector<std::string>& known) {
  const std::string start = cat("the task ", config.name, " has no split \"", split, "\"");
  if (std::find(known.begin(), known.end(), split) != known.end()) {
    const std::string key = split == "dev" ? "validation" : split;
    const bool named = split == "train" || split == "dev" || split == "test";
    throw DataError(named ? cat(start, ": no file is named for it; name one with task.", key, "=FILE") : start);
  }
  for (const char* other : {"validation", "valid", "val", "eval", "development"}) {
    if (split == other) throw DataError(start + " (did you mean \"dev\"?)");
  }
  throw DataError(start + did_you_mean(split, known));
}

bool is_own(const std::string& task) { return glue_files(task) == nullptr && task != "e2e" && task != "webnlg"; }

/// All that the split's file holds.
std::vector<TextExample> read_whole(const TaskConfig& config, TaskInfo& task, const std::string& split, Notes& notes) {
  const std::vector<std::string> known = {"train", "dev", "dev_mismatched", "test", "test_mismatched"};
  const fs::path file = split_file(config, split);
  if (std::find(known.begin(), known.end(), split) == known.end() || file.empty()) fail_split(config, split, known);
  if (task.kind == TaskKind::kGeneration) {
    if (config.name == "e2e") return read_e2e(config, split);
    return config.name == "webnlg" ? read_webnlg(file) : read_generation(config, file);
  }
  const bool original = glue_files(config.name) != nullptr && own_file(config, split).empty();
  const Columns columns = columns_of(config, split);
  const Table table = read_table(file, config, columns, original);
  if (table.broken > 0) notes.push_back(cat(table.broken, " broken rows were passed over"));
  std::vector<TextExample> examples = texts(table, columns.text);
  const bool test = split.starts_with("test");
  const bool bare = test && (!table.find(columns.label) || has_no_label(table, columns.label));
  if (columns.label.empty() || bare) return examples;
  if (task.kind == TaskKind::kClassification && task.labels.empty()) {
    const bool own = split == "train" || config.train.empty();
    task.labels = labels_in(own ? table : read_table(config.train, config, columns, original), columns.label);
  }
  const std::vector<double> labels = read_labels(table, columns.label, task, notes);
  for (std::size_t i = 0; i < examples.size(); ++i) examples[i].label = labels[i];
  return examples;
}

}  // namespace

std::string own_file(const TaskConfig& config, const std::string& of_split) {
  const std::string split = file_split(config, of_split);
  if (split == "train") return config.train;
  if (split == "dev") return config.validation;
  return split == "test" ? config.test : std::string();
}

fs::path split_file(const TaskConfig& config, const std::string& of_split) {
  const std::string split = file_split(config, of_split);
  if (config.name == "e2e") return e2e_file(config, split);
  if (config.name == "webnlg") return webnlg_file(config, split);
  const bool original = glue_files(config.name) != nullptr && own_file(config, split).empty();
  if (original) return fs::path(config.data_dir) / glue_file_name(config.name, split);
  return own_file(config, split);
}

std::vector<std::string> splits(const TaskConfig& config) {
  std::vector<std::string> present;
  for (const char* name : {"train", "dev", "dev_mismatched", "test", "test_mismatched"}) {
    const std::string split = name;
    if (split == "dev_mismatched" && has_holdout(config)) continue;  // the dev split comes from the training file
    const fs::path file = split_file(config, split);
    std::error_code error;
    // A file of one's own that is named must be there; reading it says what is wrong.
    if (!file.empty() && (is_own(config.name) || fs::exists(file, error))) present.push_back(split);
  }
  return present;
}

std::vector<TextExample> read_split(const TaskConfig& config, TaskInfo& task, const std::string& split, Notes& notes) {
  std::vector<TextExample> examples = read_whole(config, task, file_split(config, split), notes);
  if (has_holdout(config) && (split == "train" || split == "dev")) {
    const std::vector<bool> held = held_out(examples, task, config, notes);
    examples = take_part(std::move(examples), held, split);
  }
  note_texts(examples, notes);
  return examples;
}

std::vector<TextExample> read_inputs(const Table& table, const TaskConfig& config, Notes& notes) {
  const bool generation = is_generation(config.name);
  Columns columns = generation ? Columns{{generation_columns(config).front()}, "", true} : columns_of(config, "test");
  std::vector<TextExample> examples = texts(table, columns.text);
  note_texts(examples, notes);
  return examples;
}

}  // namespace hiddenkey
