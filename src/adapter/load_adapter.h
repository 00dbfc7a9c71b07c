#pragma once

#include "adapter/adapter_file.h"

namespace hiddenkey {

/// Makes of the network what PEFT makes of the base: low-rank terms where the file has them, modules, biases, rows of
/// tokens and embeddings that it saved, and what the initialisation took out of the base. A language model's head that
/// is tied to the token embeddings, and that the adapter tells apart from them, gets a matrix of its own, and `names`
/// then has it. The tensors of the result are leaves that can be trained on.
///
/// ModelError lists tensors that are missing, extra or of another shape (an adapter of another base or rank), and names
/// one that holds no real numbers. A warning names the tensors of the base that were saved along and differ from it.
Trained load_adapter(Network& network, WeightNames& names, const AdapterFile& file);

}  // namespace hiddenkey
