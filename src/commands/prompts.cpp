#include "commands/prompts.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "data/table.h"

namespace hiddenkey {

PromptFormat prompt_format(const std::string& name, const std::string& format) {
  if (!format.empty()) return format == "jsonl" ? PromptFormat::kJsonl : PromptFormat::kText;
  return name.ends_with(".jsonl") || name.ends_with(".json") ? PromptFormat::kJsonl : PromptFormat::kText;
}

std::vector<std::string> parse_prompts(std::string_view bytes, const std::string& source, PromptFormat format) {
  std::vector<std::string> prompts;
  if (format == PromptFormat::kJsonl) {
    const Table table = parse_table(bytes, source, TableFormat::kJsonl);
    const std::size_t column = table.require("prompt");
    for (std::size_t row = 0; row < table.rows.size(); ++row) prompts.push_back(table.field(row, column));
    return prompts;
  }
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    std::string_view line = bytes.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    prompts.emplace_back(line);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  if (prompts.empty()) throw DataError(cat(source, ": holds no prompt"));
  return prompts;
}

}  // namespace hiddenkey
