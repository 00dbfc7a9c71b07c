#pragma once

#include "data/dataset.h"
#include "nn/architecture.h"
#include "text/tokenizer.h"

/// What a tokenizer gives must have its row in the model's tables of embeddings.
namespace hiddenkey {

/// ModelError names the first example whose tokens or type ids lie beyond the tables. A tokenizer may have more tokens
/// than the model, as long as no text holds one.
void check_ids(const Dataset& dataset, const Tokenizer& tokenizer, const Architecture& architecture);

}  // namespace hiddenkey
