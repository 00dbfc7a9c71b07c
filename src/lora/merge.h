#pragma once

#include "model/network.h"

namespace hiddenkey {

/// Adds each low-rank term to the weight that carries it and takes the term away: the same function in plain weights.
void merge_adapters(Network& network);

}  // namespace hiddenkey
