#include "data/reader.h"

#include <algorithm>

#include "core/error.h"
#include "core/file.h"
#include "core/folder.h"
#include "core/text.h"
#include "data/generation.h"
#include "data/holdout.h"
#include "data/sources/source.h"
#include "data/table_columns.h"
#include "data/task.h"

namespace hiddenkey {
namespace {

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

/// Whether the config names the files, which then must be there.
bool names_files(const std::string& task) { return glue_files(task) == nullptr && task != "e2e" && task != "webnlg"; }

/// All that the split's file holds.
std::vector<TextExample> read_whole(const TaskConfig& config, TaskInfo& task, const std::string& split, Notes& notes) {
  const std::vector<std::string> known = {"train", "dev", "dev_mismatched", "test", "test_mismatched"};
  const bool is_known = std::find(known.begin(), known.end(), split) != known.end();
  const std::unique_ptr<Source> source = open_source(config);
  if (!is_known || source->file(split).empty()) fail_split(config, split, known);
  return source->read(split, task, notes);
}

}  // namespace

std::string own_file(const TaskConfig& config, const std::string& split) {
  return named_file(config, file_split(config, split));
}

fs::path split_file(const TaskConfig& config, const std::string& split) {
  return open_source(config)->file(file_split(config, split));
}

std::vector<std::string> splits(const TaskConfig& config) {
  std::vector<std::string> present;
  for (const char* name : {"train", "dev", "dev_mismatched", "test", "test_mismatched"}) {
    const std::string split = name;
    if (split == "dev_mismatched" && has_holdout(config)) continue;  // the dev split comes from the training file
    const fs::path file = split_file(config, split);
    // A file of one's own that is named must be there; reading it says what is wrong.
    if (!file.empty() && (names_files(config.name) || path_exists(file))) present.push_back(split);
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
  std::vector<TextExample> examples = texts_of(
      table, generation ? std::vector{generation_columns(config).front()} : table_columns(config, "test").text);
  note_texts(examples, notes);
  return examples;
}

std::vector<TextExample> read_word_inputs(const std::vector<TaggedText>& texts, Notes& notes) {
  std::vector<TextExample> examples;
  for (const TaggedText& text : texts) examples.push_back(words_of(text));
  note_texts(examples, notes);
  return examples;
}

}  // namespace hiddenkey
