#pragma once

#include <ATen/ATen.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "io/weight_source.h"
#include "model/weight_names.h"

namespace hiddenkey {

/// A model's weights under our names, each with storage of its own, on the CPU.
struct LoadedWeights {
  std::unordered_map<std::string, at::Tensor> weights;
  std::vector<std::string>
      initialised;  ///< modules (Transformers' names) that the checkpoint lacks, or has in another shape
};

/// Reads a checkpoint, with or without the family's prefix. The base has `type`, the head stays float32 (float64 where
/// the base is). Head modules that are absent or of another shape are initialised as Transformers does (normal with
/// initializer_range, biases 0) from `seed`. Of a tied language model the head's matrix does for missing token
/// embeddings. Each tensor goes to `device` as it is read. ModelError lists the weights that are missing, unexpected or
/// of another shape than the config says.
LoadedWeights load_weights(const WeightSource& checkpoint, const Architecture& architecture, int64_t num_outputs,
                           at::ScalarType type, uint64_t seed, at::Device device = at::kCPU);

/// Makes `architecture` say how a language model's head and its token embeddings lie in the checkpoint where the config
/// says that they are one matrix, as Transformers 5 does it: if the file holds both and they differ, they stay apart.
/// A warning about that, else "".
std::string settle_tied_head(const WeightSource& checkpoint, Architecture& architecture);

/// The type that most of the checkpoint's numbers have: float32, bfloat16 or float16; float32 for quantised ones.
at::ScalarType stored_type(const WeightSource& checkpoint);

}  // namespace hiddenkey
