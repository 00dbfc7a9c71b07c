#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "model/network.h"
#include "model/weight_names.h"

namespace hiddenkey {

/// Writes a Hugging Face folder that Transformers loads as a sequence classifier or language model: the network's
/// weights, the base's config.json with the task's labels, the base's tokenizer files (of a GGUF file, what it says).
/// `labels` is empty for regression, `problem_type` where the model is no classifier of sequences. The weights are
/// stored as `type`: float32, bfloat16 or float16; IoError or
/// ModelError as their writers have it, and ModelError where a weight is beyond what float16 holds.
void write_model(const std::filesystem::path& folder, const std::filesystem::path& base_folder, const Network& network,
                 const WeightNames& names, const std::vector<std::string>& labels, const std::string& problem_type,
                 at::ScalarType type = at::kFloat);

/// ModelError where a base is a GGUF file that write_model could not express as a folder. Nothing is written.
void check_writable_base(const std::filesystem::path& base);

/// The files of a model folder that make its tokenizer.
std::vector<std::filesystem::path> tokenizer_files(const std::filesystem::path& folder);

}  // namespace hiddenkey
