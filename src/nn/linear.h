#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <string>
#include <vector>

#include "dropout/mask.h"
#include "nn/factor_copies.h"

/// N packed rows, I inputs, O outputs, R rank.
namespace hiddenkey {

/// One linear layer, or several that share their input, as one matrix: their outputs stand side by side.
/// A frozen weight gets no gradient and costs none; the low-rank terms are fused into the same backward pass.
struct Linear {
  at::Tensor weight_OI;
  at::Tensor bias_O;            ///< undefined: none
  std::vector<int64_t> widths;  ///< outputs of each layer in the matrix
  std::vector<LowRank> adapters;
  mutable FactorCopies copies = {};
  /// [N,I] -> [N,O] for all layers.
  at::Tensor forward(const at::Tensor& x_NI, const DropoutScope& scope, int64_t layer, Rows rows = Rows::kAll) const;
  /// The same for layers first .. first+count-1 alone.
  at::Tensor forward_part(const at::Tensor& x_NI, int64_t first, int64_t count, const DropoutScope& scope,
                          int64_t layer, Rows rows) const;
  int64_t offset_of(int64_t part) const;
};

}  // namespace hiddenkey
