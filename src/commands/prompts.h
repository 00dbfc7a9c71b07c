#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hiddenkey {

enum class PromptFormat { kText, kJsonl };

/// By the name's ending: .jsonl or .json, otherwise text; `format` (text jsonl) goes before.
PromptFormat prompt_format(const std::string& name, const std::string& format);

/// The lines of a text, without their ends, or the field `prompt` of each line of JSONL. DataError as parse_table, and
/// where there is nothing.
std::vector<std::string> parse_prompts(std::string_view bytes, const std::string& source, PromptFormat format);

}  // namespace hiddenkey
