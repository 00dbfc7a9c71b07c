#include "train/memory.h"

namespace hiddenkey {

MemoryEstimate estimate_memory(const RunConfig& config, const Architecture& a, int64_t base_parameters,
                               int64_t trained_parameters) {
  const int64_t size = config.model.dtype == BaseType::kBFloat16 ? 2 : 4;
  MemoryEstimate estimate;
  estimate.weights = base_parameters * size;
  constexpr int64_t kCopies = 4;  // the tensor, its gradient and AdamW's two averages
  estimate.trained = trained_parameters * kCopies * 4;
  // Kept for the backward pass of a layer, for each token: its input, q, k, v, attention's output and both norms'
  // inputs and outputs (8 D), and the FFN's hidden units before and after the activation and after the drop (3 F).
  const int64_t tokens = config.training.batch_size * config.training.max_length;
  const int64_t layer = tokens * (8 * a.hidden_size + 3 * a.intermediate_size) * size;
  const bool checkpointing = config.training.activation_checkpointing;
  const int64_t kept = checkpointing ? layer + a.num_layers * tokens * a.hidden_size * size : a.num_layers * layer;
  const bool two = config.consistency.loss.value_or(ConsistencyLoss::kNone) != ConsistencyLoss::kNone;
  const bool both = config.consistency.backward == ConsistencyBackward::kBoth ||
                    config.consistency.passes == ConsistencyPasses::kBatched;
  estimate.activations = two ? (both ? 2 * kept : kept + layer) : kept;
  return estimate;
}

}  // namespace hiddenkey
