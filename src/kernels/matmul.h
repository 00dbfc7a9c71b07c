#pragma once

#include <ATen/ATen.h>

#include <optional>

namespace hiddenkey {

/// x_NI times the transpose of weight_OI, plus bias_O: [N,O]. No gradient is recorded here; either may be a strided
/// view. float32 on a CPU with AVX-512 goes to oneDNN, whose kernels use it on every maker's processors; MKL, which
/// LibTorch takes by itself, does so on Intel's alone (2.2 times slower on a Zen 5). Everything else is at::linear.
at::Tensor linear_product(const at::Tensor& x_NI, const at::Tensor& weight_OI,
                          const std::optional<at::Tensor>& bias_O = std::nullopt);

/// a_NK times b_KM: [N,M], by the same kernels.
at::Tensor product(const at::Tensor& a_NK, const at::Tensor& b_KM);

/// The same as float32 where the factors are of half precision: a GPU's sums are that anyway, and are not rounded.
at::Tensor wide_product(const at::Tensor& a_NK, const at::Tensor& b_KM);

}  // namespace hiddenkey
