#include "data/generation.h"

#include <unordered_map>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "data/data_file.h"
#include "data/reader.h"
#include "data/table.h"
#include "data/table_lines.h"
#include "data/task.h"
#include "data/trim.h"

namespace hiddenkey {

void group_by_prompt(std::vector<TextExample>& examples) {
  std::unordered_map<std::string, std::size_t> groups;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    examples[i].id = std::to_string(i);
    examples[i].group = std::to_string(groups.emplace(examples[i].text, groups.size()).first->second);
  }
}

std::vector<std::string> generation_columns(const TaskConfig& config) {
  if (config.text_columns.empty()) return {"prompt", "completion"};
  if (config.text_columns.size() != 2)
    throw ConfigError("task.text_columns: expected two columns, the prompt's and the completion's");
  if (config.text_columns[0] == config.text_columns[1])
    throw ConfigError(cat("task.text_columns: the column \"", config.text_columns[0], "\" is named twice"));
  return config.text_columns;
}

std::vector<TextExample> read_generation(const TaskConfig& config, const fs::path& file) {
  const std::vector<std::string> names = generation_columns(config);
  const std::string source = file.string();
  const Table table = parse_table(read_data_file(file), source, table_format(source, config.format));
  const std::size_t prompt = table.require(names[0]), completion = table.require(names[1]);
  std::vector<TextExample> examples(table.rows.size());
  for (std::size_t i = 0; i < examples.size(); ++i) {
    examples[i].text = table.field(i, prompt);
    examples[i].completion = table.field(i, completion);
    examples[i].line = table.lines[i];
    for (const std::size_t column : {prompt, completion}) {
      if (trimmed(table.rows[i][column]).empty())
        fail_at(source, table.lines[i], cat("\"", table.columns[column], "\" is empty"));
    }
  }
  group_by_prompt(examples);
  return examples;
}

std::vector<GenerationItem> group_examples(std::vector<TextExample> examples) {
  std::vector<GenerationItem> items;
  std::unordered_map<std::string, std::size_t> places;
  for (TextExample& example : examples) {
    const auto [place, is_new] = places.emplace(example.group, items.size());
    if (is_new) items.push_back({example.group, std::move(example.text), {}, std::move(example.part)});
    items[place->second].references.push_back(std::move(example.completion));
  }
  return items;
}

std::vector<GenerationItem> read_generation_items(const TaskConfig& config, const std::string& split) {
  TaskInfo task = task_info(config);
  if (!task.makes_text()) throw ConfigError(cat("the task ", task.name, " generates no text"));
  Notes notes;  // whoever reads the examples says them
  return group_examples(read_split(config, task, split, notes));
}

}  // namespace hiddenkey
