#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace hiddenkey {

/// Numbers the examples, and gives those with the same prompt one group: the number of the prompt, in order of first
/// appearance.
void group_by_prompt(std::vector<TextExample>& examples);

/// The names of the prompt's and the completion's column; ConfigError where task.text_columns does not name two.
std::vector<std::string> generation_columns(const TaskConfig& config);

/// A file of one's own, grouped by prompt. DataError with the line for an empty prompt or completion.
std::vector<TextExample> read_generation(const TaskConfig& config, const std::filesystem::path& file);

/// One thing to be said, with all that people wrote for it.
struct GenerationItem {
  std::string id;  ///< the examples' group
  std::string prompt;
  std::vector<std::string> references;
  std::string part;  ///< WebNLG: "seen" or "unseen"; otherwise empty
};

/// The groups of a split of e2e, webnlg or generation, in order of first appearance; errors as read_split has them. An
/// entry of WebNLG without a good lexicalisation is no item.
std::vector<GenerationItem> read_generation_items(const TaskConfig& config, const std::string& split);

}  // namespace hiddenkey
