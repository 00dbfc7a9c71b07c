#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dropout/mask.h"
#include "nn/factor_copies.h"

/// N packed rows, I inputs, O outputs, R rank.
namespace hiddenkey {

/// Some of a layer's outputs, begin .. end-1.
struct Outputs {
  int64_t begin = 0;
  int64_t end = 0;
};

/// One linear layer, or several that share their input, as one matrix: their outputs stand side by side.
/// A frozen weight gets no gradient and costs none; the low-rank terms are fused into the same backward pass.
struct Linear {
  at::Tensor weight_OI;
  at::Tensor bias_O;            ///< undefined: none
  std::vector<int64_t> widths;  ///< outputs of each layer in the matrix
  std::vector<LowRank> adapters;
  mutable FactorCopies copies = {};
  /// [N,I] -> [N,O] for all layers.
  at::Tensor forward(const at::Tensor& x_NI, const LayerPass& pass) const;
  /// The same for layers first .. first+count-1 alone.
  at::Tensor forward_part(const at::Tensor& x_NI, int64_t first, int64_t count, const LayerPass& pass) const;
  int64_t offset_of(int64_t part) const;

 private:
  std::optional<at::Tensor> bias_of(Outputs outputs) const;
  /// x W^T + bias and the terms `used`, which read x, or each its own of the `inputs`.
  at::Tensor with_terms(const at::Tensor& x_NI, Outputs outputs, const std::optional<at::Tensor>& bias,
                        const std::vector<std::size_t>& used, const std::vector<at::Tensor>& inputs) const;
  /// The terms `used` come by their place among the outputs.
  at::Tensor with_magnitudes(const at::Tensor& x_NI, Outputs outputs, const std::vector<std::size_t>& used) const;
  /// The same where terms drop of their inputs. PEFT gives the base's own share of what a magnitude adds the dropped
  /// input x' as well: x W^T + b + (s - 1) x' W^T + s L, which is (x - x') W^T + b + s (x' W^T + L).
  at::Tensor with_magnitudes_apart(const at::Tensor& x_NI, Outputs outputs, const std::vector<std::size_t>& used,
                                   const std::vector<at::Tensor>& inputs) const;
  at::Tensor magnitude_over_norm(std::size_t term, Outputs outputs) const;
};

}  // namespace hiddenkey
