#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace hiddenkey {

/// The file of a split of WebNLG 2017 in data_dir: train.json, dev.json, test.json; "" for another split.
std::filesystem::path webnlg_file(const TaskConfig& config, const std::string& split);

/// The lexicalisations that are marked good, each with its entry's modified triples as "subject : property : object",
/// joined by " | ", as LoRA's authors write them. An entry is a group under its number in the file; its part is "seen"
/// for the ten categories of the training data. DataError with the line where the file is no JSON, or on which the
/// entry begins that lacks something, has an unknown field in a triple or an empty text.
std::vector<TextExample> read_webnlg(const std::filesystem::path& file);

}  // namespace hiddenkey
