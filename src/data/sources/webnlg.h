#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace hiddenkey {

/// Where a split of WebNLG 2017 is in data_dir: train.json, dev.json, test.json, or where that is not there the folder
/// train or dev with XML files, and test/testdata_with_lex.xml. "" for another split.
std::filesystem::path webnlg_file(const TaskConfig& config, const std::string& split);

/// The lexicalisations that are marked good, each with its entry's modified triples as "subject : property : object",
/// joined by " | ", as LoRA's authors write them. An entry is a group under its place, from 1; its part is "seen" for
/// the ten categories of the training data. `path` is a JSON file, an XML file or a folder of these. DataError with the
/// line where the file is no JSON or XML, or of the entry that lacks something or has an unknown field in a triple or
/// an empty text.
std::vector<TextExample> read_webnlg(const std::filesystem::path& path);

}  // namespace hiddenkey
