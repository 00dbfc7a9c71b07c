#pragma once

#include "model/network.h"

namespace hiddenkey {

/// Adds each low-rank term to the weight that carries it and takes the term away: the same function in plain weights.
/// ModelError where the adapter gave a layer a bias that the family's checkpoints have no place for.
void merge_adapters(Network& network);

}  // namespace hiddenkey
