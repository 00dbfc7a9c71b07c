#include "data/table_columns.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "data/sources/source.h"
#include "data/task.h"

namespace hiddenkey {
namespace {

void check_columns(const TableColumns& columns) {
  if (columns.text.empty()) throw ConfigError("the text columns are not known; give them with --text-columns a,b");
  if (columns.text.size() > 1 && columns.text[0] == columns.text[1])
    throw ConfigError(cat("task.text_columns: the column \"", columns.text[0], "\" is named twice"));
  if (std::find(columns.text.begin(), columns.text.end(), columns.label) != columns.text.end())
    throw ConfigError(cat("task.label_column: \"", columns.label, "\" is a text column already"));
}

}  // namespace

TableColumns table_columns(const TaskConfig& config, const std::string& split) {
  const GlueFiles* files = glue_files(config.name);
  TableColumns columns{config.text_columns, config.label_column, true};
  if (files != nullptr) {
    const bool original = named_file(config, split).empty();
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
std::vector<TextExample> texts_of(const Table& table, const std::vector<std::string>& names) {
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

}  // namespace hiddenkey
