#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "model/model_files.h"
#include "model/network.h"
#include "model/weight_names.h"

namespace hiddenkey {

/// Writes a Hugging Face folder that Transformers loads as a sequence classifier or language model: the network's
/// weights, the base's config.json with the task's labels, the base's tokenizer files.
/// `labels` is empty for regression, `problem_type` where the model is no classifier of sequences. The weights are
/// stored as `type`: float32, bfloat16 or float16; IoError or
/// ModelError as their writers have it, and ModelError where a weight is beyond what float16 holds.
void write_model(const std::filesystem::path& folder, const ModelTexts& base, const Network& network,
                 const WeightNames& names, const std::vector<std::string>& labels, const std::string& problem_type,
                 at::ScalarType type = at::kFloat);

}  // namespace hiddenkey
