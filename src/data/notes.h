#pragma once

#include <string>
#include <vector>

#include "data/dataset.h"

namespace hiddenkey {

/// What a person should know of data that are taken all the same: a sentence each, without the file.
using Notes = std::vector<std::string>;

/// Whether the bytes are UTF-8.
bool is_utf8(std::string_view bytes);

/// Counts texts that are empty, and texts with bytes that are not UTF-8, with the line of the first.
void note_texts(const std::vector<TextExample>& examples, Notes& notes);

}  // namespace hiddenkey
