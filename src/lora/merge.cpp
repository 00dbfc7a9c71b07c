#include "lora/merge.h"

#include <ATen/core/grad_mode.h>

namespace hiddenkey {
namespace {

void merge_linear(Linear& linear) {
  for (const LowRank& term : linear.adapters) {
    at::Tensor slice_OI = linear.weight_OI.narrow(0, term.offset, term.b_OR.size(0));
    // The product in float64: what is rounded is the merged weight alone.
    const at::Tensor delta_OI = at::matmul(term.b_OR.to(at::kDouble), term.a_RI.to(at::kDouble)) * term.scaling;
    slice_OI.copy_(slice_OI.to(at::kDouble) + delta_OI);
  }
  linear.adapters.clear();
}

}  // namespace

void merge_adapters(Network& network) {
  const at::NoGradGuard guard;
  for (Block& block : network.blocks) {
    for (Linear* linear : {&block.qkv, &block.output, &block.up, &block.down}) merge_linear(*linear);
  }
  merge_linear(network.head.dense);
  merge_linear(network.head.classifier);
}

}  // namespace hiddenkey
