#include <algorithm>

#include "core/text.h"
#include "data/data_file.h"
#include "data/labels.h"
#include "data/sources/source.h"
#include "data/table_columns.h"
#include "data/task.h"

namespace hiddenkey {
namespace {

/// GLUE's files, where MNLI has two of each.
std::string glue_file_name(const std::string& task, const std::string& split) {
  if (task != "mnli") return split + ".tsv";
  if (split == "dev" || split == "test") return split + "_matched.tsv";
  return split + ".tsv";
}

/// Rows of texts and their labels: the original files of GLUE, or those that the config names, which go before them.
class TableSource : public Source {
 public:
  explicit TableSource(const TaskConfig& config) : config_(config) {}

  std::filesystem::path file(const std::string& split) const override {
    if (!is_original(split)) return named_file(config_, split);
    return std::filesystem::path(config_.data_dir) / glue_file_name(config_.name, split);
  }

  std::vector<TextExample> read(const std::string& split, TaskInfo& task, Notes& notes) const override {
    const TableColumns columns = table_columns(config_, split);
    const Table table = read_table(file(split), columns, is_original(split));
    if (table.broken > 0) notes.push_back(cat(table.broken, " broken rows were passed over"));
    std::vector<TextExample> examples = texts_of(table, columns.text);
    if (columns.label.empty() || (split.starts_with("test") && !has_labels(table, columns.label, task)))
      return examples;
    if (task.kind != TaskKind::kRegression && task.labels.empty()) {
      const bool own = split == "train" || config_.train.empty();
      task.labels =
          labels_in(own ? table : read_table(config_.train, columns, is_original(split)), columns.label, task.kind);
    }
    read_labels(table, columns.label, task, examples, notes);
    return examples;
  }

 private:
  bool is_original(const std::string& split) const {
    return glue_files(config_.name) != nullptr && named_file(config_, split).empty();
  }

  Table read_table(const std::filesystem::path& path, const TableColumns& columns, bool original) const {
    const TableFormat format = original ? TableFormat::kTsv : table_format(path.string(), config_.format);
    // The published QQP has some rows that a line break of their own cuts in two.
    const BrokenRows broken = original && config_.name == "qqp" ? BrokenRows::kSkip : BrokenRows::kRefuse;
    return parse_table(read_data_file(path), path.string(), format, columns.header, broken);
  }

  const TaskConfig& config_;
};

}  // namespace

std::unique_ptr<Source> open_table(const TaskConfig& config) { return std::make_unique<TableSource>(config); }

}  // namespace hiddenkey
