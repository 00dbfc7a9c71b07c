#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/dataset.h"

namespace hiddenkey {

/// The file of a split of the E2E NLG Challenge in data_dir: trainset.csv, devset.csv, testset_w_refs.csv, or with
/// task.format lora the text that LoRA's authors trained on: lora_train.txt, lora_valid.txt, lora_test.txt. "" for
/// another split; ConfigError for another format.
std::filesystem::path e2e_file(const TaskConfig& config, const std::string& split);

/// A meaning representation as LoRA's authors write it, "name[Aromi], eatType[pub]" as "name : Aromi | Type : pub".
/// Nothing where it has another form.
std::optional<std::string> linearise_e2e(std::string_view meaning);

/// The pairs of a file, grouped by meaning. Line breaks in a reference become spaces. DataError with the line for what
/// is empty or has another form.
std::vector<TextExample> read_e2e(const TaskConfig& config, const std::string& split);

}  // namespace hiddenkey
