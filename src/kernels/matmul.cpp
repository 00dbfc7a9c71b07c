#include "kernels/matmul.h"

#include <ATen/Version.h>
#include <ATen/core/dispatch/Dispatcher.h>

namespace hiddenkey {
namespace {

using OneDnnLinear = at::Tensor(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&,
                                c10::string_view, c10::List<std::optional<at::Scalar>>,
                                std::optional<c10::string_view>);

/// LibTorch's own operator over oneDNN's inner product; absent from builds without oneDNN.
const std::optional<c10::TypedOperatorHandle<OneDnnLinear>>& onednn_linear() {
  static const auto handle = []() -> std::optional<c10::TypedOperatorHandle<OneDnnLinear>> {
    if (!at::hasMKLDNN() || at::get_cpu_capability() != "AVX512") return std::nullopt;
    const auto found = c10::Dispatcher::singleton().findSchema({"mkldnn::_linear_pointwise", ""});
    if (!found) return std::nullopt;
    return found->typed<OneDnnLinear>();
  }();
  return handle;
}

/// Whether oneDNN has a fast kernel for the weight: a whole matrix or its transpose. A slice of columns falls to its
/// reference loop, which is a hundred times slower.
bool is_whole(const at::Tensor& weight_OI) {
  const bool plain = weight_OI.stride(1) == 1 && weight_OI.stride(0) == weight_OI.size(1);
  const bool transposed = weight_OI.stride(0) == 1 && weight_OI.stride(1) == weight_OI.size(0);
  return plain || transposed;
}

}  // namespace

at::Tensor linear_product(const at::Tensor& x_NI, const at::Tensor& weight_OI,
                          const std::optional<at::Tensor>& bias_O) {
  if (x_NI.is_cpu() && x_NI.scalar_type() == at::kFloat && x_NI.numel() > 0 && is_whole(weight_OI) && onednn_linear()) {
    return onednn_linear()->call(x_NI, weight_OI, bias_O, "none", c10::List<std::optional<at::Scalar>>(), "");
  }
  return at::linear(x_NI, weight_OI, bias_O);
}

at::Tensor product(const at::Tensor& a_NK, const at::Tensor& b_KM) { return linear_product(a_NK, b_KM.t()); }

at::Tensor wide_product(const at::Tensor& a_NK, const at::Tensor& b_KM) {
  const bool half = a_NK.scalar_type() == at::kBFloat16 || a_NK.scalar_type() == at::kHalf;
  if (a_NK.is_cuda() && half) return at::mm(a_NK, b_KM, at::kFloat);
  const at::Tensor result = product(a_NK, b_KM);
  return half ? result.to(at::kFloat) : result;
}

}  // namespace hiddenkey
