#pragma once

#include <filesystem>

#include "data/dataset.h"
#include "nn/architecture.h"

/// What a tokenizer gives must have its row in the model's tables of embeddings.
namespace hiddenkey {

/// ModelError where a language model's tokenizer has ids beyond the vocabulary: any of them can stand in a text that is
/// still to come.
void check_ids(const Tokenizer& tokenizer, const Architecture& architecture, const std::filesystem::path& model);

/// ModelError names the first example whose tokens or type ids lie beyond the tables.
void check_ids(const Dataset& dataset, const Architecture& architecture, const std::filesystem::path& model);

}  // namespace hiddenkey
