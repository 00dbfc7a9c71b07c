#pragma once

#include <string>
#include <vector>

#include "model/network.h"
#include "model/weight_names.h"

namespace hiddenkey {

/// A module of the base and the low-rank term that it carries. The term's tensors are the network's own leaves.
struct Adapted {
  WeightNames::Module module;
  LowRank term;
};

/// The name of a tensor of the base in PEFT's file.
std::string peft_name(const std::string& theirs);

/// What PEFT's file calls the tensors of a term on the module of that name.
struct TermNames {
  explicit TermNames(const std::string& module);
  std::string a, b, magnitude;
};

/// The tensors of a term under PEFT's names, A first.
std::vector<NamedTensor> tensors_of(const Adapted& adapted);
/// How many numbers they hold.
int64_t size_of(const LowRank& term);

/// What the layer's own part of the weight becomes with the term: the same function in plain weights, in float64.
at::Tensor merged_weight(const at::Tensor& weight_OI, const LowRank& term);

}  // namespace hiddenkey
