#include "adapter/merge.h"

#include <ATen/core/grad_mode.h>

#include "adapter/adapted.h"
#include "core/error.h"
#include "core/text.h"
#include "model/weight_names.h"

namespace hiddenkey {
namespace {

void merge_linear(Linear& linear) {
  for (const LowRank& term : linear.adapters) {
    at::Tensor slice_OI = linear.weight_OI.narrow(0, term.offset, term.outputs());
    slice_OI.copy_(merged_weight(linear.weight_OI, term));
  }
  linear.adapters.clear();
}

/// An adapter with lora_bias gives a bias to layers whose checkpoint has no place for one.
void check_biases(const Network& network) {
  const WeightNames names(network.architecture());
  for (const NamedTensor& named : network.tensors()) {
    const WeightNames::Module* module = names.find(named.name);
    if (module == nullptr || module->bias || !named.name.ends_with(".bias")) continue;
    throw ModelError(cat("lora_bias: the adapter gives ", module->theirs,
                         " a bias, which a checkpoint of this family has no place for, so it cannot be merged"));
  }
}

}  // namespace

void merge_adapters(Network& network) {
  const at::NoGradGuard guard;
  check_biases(network);
  for (Linear* linear : network.linears()) merge_linear(*linear);
}

}  // namespace hiddenkey
