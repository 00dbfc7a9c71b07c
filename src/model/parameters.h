#pragma once

#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "model/weight_names.h"
#include "nn/linear.h"

namespace hiddenkey {

/// One matrix or vector of a network with what belongs to it, such as a bias. It holds one module or several, whose
/// outputs stand below each other.
struct Slot {
  ModulePlace place;
  int64_t layer;     ///< -1 outside the layers
  std::string name;  ///< ours: layers.0.attention.qkv
  ModuleKind kind;
  std::vector<WeightNames::Module> modules;
};

/// A model's parameters, each once, in the order in which they are trained and saved.
std::vector<Slot> make_slots(const WeightNames& names);

/// The shape that the config gives a tensor of ours. `task_outputs` is the width of a classification head.
std::vector<int64_t> expected_shape(const Architecture& architecture, const std::string& ours, int64_t task_outputs);

/// A tensor of a network under our name.
struct NamedTensor {
  std::string name;  ///< layers.0.attention.query.weight
  at::Tensor tensor;
  bool decays = true;  ///< weight decay applies to it: neither to a bias nor to a norm, as Transformers has it
};

/// Where a linear layer stands: outputs offset .. offset + outputs - 1 of a matrix.
struct LinearPart {
  Linear* linear = nullptr;
  int64_t offset = 0;
  int64_t outputs = 0;
};

}  // namespace hiddenkey
