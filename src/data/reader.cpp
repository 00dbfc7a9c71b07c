#include "data/reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "core/error.h"
#include "core/file.h"
#include "core/log.h"
#include "core/text.h"
#include "data/e2e.h"
#include "data/generation.h"
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

bool to_number(const std::string& text, double& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && std::isfinite(number);
}

/// Names in order; numbers by size.
void sort_labels(std::vector<std::string>& labels) {
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

class LabelReader {
 public:
  LabelReader(const Table& table, const TaskInfo& task) : table_(table), task_(task) {}

  double read(const std::string& text, int64_t line) const {
    if (task_.kind == TaskKind::kRegression) {
      double score = 0;
      if (!to_number(text, score)) fail(line, cat("the score \"", text, "\" is no number"));
      return score;
    }
    const auto found = std::find(task_.labels.begin(), task_.labels.end(), text);
    if (found == task_.labels.end()) {
      fail(line, cat("the label \"", text.substr(0, 60), "\" is none of ", join(task_.labels, ", "),
                     did_you_mean(text, task_.labels)));
    }
    return static_cast<double>(found - task_.labels.begin());
  }

 private:
  [[noreturn]] void fail(int64_t line, const std::string& reason) const {
    throw DataError(cat(table_.source, ":", line, ": ", reason));
  }

  const Table& table_;
  const TaskInfo& task_;
};

struct Columns {
  std::vector<std::string> text;
  std::string label;
  bool header = true;
};

Columns columns_of(const TaskConfig& config, bool test) {
  const GlueFiles* files = glue_files(config.name);
  if (files == nullptr && task_info(config).kind == TaskKind::kGeneration)
    return {{generation_columns(config).front()}, "", true};
  if (files == nullptr) return {config.text_columns, config.label_column, true};
  const auto& text = test ? files->test_text : files->text;
  return {{text.begin(), text.end()}, test ? "" : files->label, test || files->header};
}

/// STS-B's, MNLI's and others' rows have an id; CoLA's, SST-2's and one's own may not.
std::vector<TextExample> texts(const Table& table, const std::vector<std::string>& names) {
  if (names.empty()) throw ConfigError("the text columns are not known; give them with --text-columns a,b");
  std::vector<std::size_t> columns;
  for (const std::string& name : names) columns.push_back(table.require(name));
  std::optional<std::size_t> id = table.find("id");
  if (!id) id = table.find("index");
  std::vector<TextExample> examples(table.rows.size());
  for (std::size_t i = 0; i < examples.size(); ++i) {
    examples[i].id = id ? table.rows[i][*id] : std::to_string(i);
    examples[i].text = table.rows[i][columns[0]];
    if (columns.size() > 1) examples[i].pair = table.rows[i][columns[1]];
  }
  return examples;
}

Table read_table(const fs::path& path, const TaskConfig& config, const Columns& columns) {
  const TableFormat format =
      glue_files(config.name) != nullptr ? TableFormat::kTsv : table_format(path.string(), config.format);
  // The published QQP has some rows that a line break of their own cuts in two.
  const BrokenRows broken = config.name == "qqp" ? BrokenRows::kSkip : BrokenRows::kRefuse;
  Table table = parse_table(read_file(path), path.string(), format, columns.header, broken);
  if (table.broken > 0) log::warning(cat(path.string(), ": ", table.broken, " broken rows were passed over"));
  return table;
}

std::vector<std::string> labels_in(const Table& table, const std::string& column) {
  const std::size_t label = table.require(column);
  std::set<std::string> seen;
  for (const auto& row : table.rows) seen.insert(row[label]);
  std::vector<std::string> labels(seen.begin(), seen.end());
  constexpr std::size_t kMost = 1000;
  if (labels.size() < 2 || labels.size() > kMost) {
    throw DataError(cat(table.source, ": the column \"", column, "\" holds ", labels.size(),
                        " different labels; name them with task.labels if that is right"));
  }
  sort_labels(labels);
  return labels;
}

bool is_own(const std::string& task) { return glue_files(task) == nullptr && task != "e2e" && task != "webnlg"; }

}  // namespace

fs::path split_file(const TaskConfig& config, const std::string& split) {
  if (config.name == "e2e") return e2e_file(config, split);
  if (config.name == "webnlg") return webnlg_file(config, split);
  if (glue_files(config.name) != nullptr) return fs::path(config.data_dir) / glue_file_name(config.name, split);
  if (split == "train") return config.train;
  if (split == "dev") return config.validation;
  return split == "test" ? fs::path(config.test) : fs::path();
}

std::vector<std::string> splits(const TaskConfig& config) {
  std::vector<std::string> present;
  for (const char* split : {"train", "dev", "dev_mismatched", "test", "test_mismatched"}) {
    const fs::path file = split_file(config, split);
    std::error_code error;
    // A file of one's own that is named must be there; reading it says what is wrong.
    if (!file.empty() && (is_own(config.name) || fs::exists(file, error))) present.emplace_back(split);
  }
  return present;
}

std::vector<TextExample> read_split(const TaskConfig& config, TaskInfo& task, const std::string& split) {
  const std::vector<std::string> known = {"train", "dev", "dev_mismatched", "test", "test_mismatched"};
  const fs::path file = split_file(config, split);
  if (std::find(known.begin(), known.end(), split) == known.end() || file.empty()) {
    throw DataError(cat("the task ", config.name, " has no split \"", split, "\"", did_you_mean(split, known)));
  }
  if (task.kind == TaskKind::kGeneration) {
    if (config.name == "e2e") return read_e2e(config, split);
    return config.name == "webnlg" ? read_webnlg(file) : read_generation(config, file);
  }
  const bool test = split.starts_with("test");
  const Columns columns = columns_of(config, test && glue_files(config.name) != nullptr);
  const Table table = read_table(file, config, columns);
  std::vector<TextExample> examples = texts(table, columns.text);
  const bool labelled = !columns.label.empty() && (!test || table.find(columns.label));
  if (!labelled) return examples;
  const std::size_t label = table.require(columns.label);
  if (task.kind == TaskKind::kClassification && task.labels.empty()) {
    const bool own = split == "train" || config.train.empty();
    task.labels = labels_in(own ? table : read_table(config.train, config, columns), columns.label);
  }
  const LabelReader reader(table, task);
  for (std::size_t i = 0; i < examples.size(); ++i)
    examples[i].label = reader.read(table.rows[i][label], table.lines[i]);
  return examples;
}

std::vector<TextExample> read_inputs(const Table& table, const TaskConfig& config) {
  return texts(table, columns_of(config, true).text);
}

}  // namespace hiddenkey
