#include "task/load_dataset.h"

#include "core/error.h"
#include "core/file.h"
#include "core/folder.h"
#include "core/log.h"
#include "core/text.h"
#include "data/holdout.h"
#include "data/reader.h"
#include "data/token_cache.h"

namespace hiddenkey {
namespace {

fs::path cache_path(const TaskConfig& config, const TaskInfo& task, const std::string& split,
                    const Tokenizer& tokenizer, int64_t max_length, int64_t limit) {
  const fs::path file = split_file(config, split);
  std::string key = cat(config.name, "\n", split, "\n", max_length, "\n", limit, "\n", tokenizer.fingerprint(), "\n",
                        join(config.text_columns, "\t"), "\n", config.label_column, "\n", config.format, "\n",
                        join(task.labels, "\t"), "\n", own_file(config, split).empty(), "\n", file.extension().string(),
                        "\n", sha256_of_file(file));
  if (has_holdout(config))
    key += cat("\n", config.validation_split.value_or(0), ' ', config.folds.value_or(0), ' ', config.fold.value_or(0),
               ' ', config.split_seed);
  // The labels may come from the training file.
  if (split != "train" && task.labels.empty() && !config.train.empty()) key += sha256_of_file(config.train);
  return cache_folder() / "tokens" / (sha256_of_bytes(key) + ".bin");
}

std::optional<Dataset> read_cache(const fs::path& path, std::vector<std::string>& labels) {
  if (!path_exists(path)) return std::nullopt;
  std::optional<Dataset> dataset = from_cache_bytes(read_file(path), labels);
  if (!dataset) log::debug(cat(path.string(), ": the cached tokens are damaged and made anew"));
  return dataset;
}

Dataset read_and_tokenize(const TaskConfig& config, Task& task, const std::string& split, const Tokenizer& tokenizer,
                          int64_t max_length, int64_t limit) {
  Notes notes;
  std::vector<TextExample> examples = read_split(config, task.info, split, notes);
  const auto available = static_cast<int64_t>(examples.size());
  if (limit > 0 && limit < available) examples.resize(static_cast<std::size_t>(limit));
  Dataset dataset = task.tokenize(examples, tokenizer, max_length, split);
  dataset.available = available;
  dataset.notes = std::move(notes);
  return dataset;
}

/// The split as tokens, from the cache where that is possible.
Dataset load(const TaskConfig& config, Task& task, const std::string& split, const Tokenizer& tokenizer,
             int64_t max_length, int64_t limit) {
  const fs::path file = split_file(config, split);
  std::error_code error;
  // What cannot be read fails as reading it does.
  if (file.empty() || !fs::is_regular_file(file, error))
    return read_and_tokenize(config, task, split, tokenizer, max_length, limit);
  fs::path path;
  try {
    path = cache_path(config, task.info, split, tokenizer, max_length, limit);
    std::vector<std::string> labels;
    if (std::optional<Dataset> cached = read_cache(path, labels)) {
      task.info.labels = labels;
      return *std::move(cached);
    }
  } catch (const IoError& failure) {
    log::debug(cat("no cache of tokens: ", failure.what()));
  }
  Dataset dataset = read_and_tokenize(config, task, split, tokenizer, max_length, limit);
  try {
    if (!path.empty()) {
      make_writable_folder(path.parent_path());
      write_file_atomically(path, to_cache_bytes(dataset, task.info.labels));
    }
  } catch (const IoError& failure) {
    log::debug(cat("the tokens are not cached: ", failure.what()));
  }
  return dataset;
}

}  // namespace

Dataset load_dataset(const TaskConfig& config, Task& task, const std::string& split, const Tokenizer& tokenizer,
                     int64_t max_length, int64_t limit) {
  Dataset dataset = load(config, task, split, tokenizer, max_length, limit);
  for (const std::string& note : dataset.notes) log::warning(cat(split_file(config, split).string(), ": ", note));
  if (split == "dev" && has_holdout(config))
    log::info(cat("dev: ", dataset.available, " examples that are held out of ", split_file(config, split).string()));
  const auto taken = static_cast<int64_t>(dataset.examples.size()) + dataset.left_out;
  if (taken < dataset.available) log::info(cat(split, ": the first ", taken, " of ", dataset.available, " examples"));
  return dataset;
}

}  // namespace hiddenkey
