#include "adapter/residual.h"

#include <algorithm>

namespace hiddenkey {
namespace {

/// Without the r largest singular values. The scaling cancels: PEFT divides the adapter's values by it.
at::Tensor without_largest(const at::Tensor& weight_OI, int64_t r) {
  const auto [u_OK, s_K, v_KI] = at::linalg_svd(weight_OI, false);
  const int64_t kept = std::min(r, s_K.size(0));
  const at::Tensor root_R = s_K.narrow(0, 0, kept).sqrt();
  return weight_OI - at::matmul(u_OK.narrow(1, 0, kept) * root_R, v_KI.narrow(0, 0, kept) * root_R.unsqueeze(1));
}

/// Less the product of the first r columns of Q and rows of R.
at::Tensor without_first(const at::Tensor& weight, int64_t r, double scaling) {
  const auto [q, upper] = at::linalg_qr(weight);
  const int64_t kept = std::min(r, q.size(1));
  return weight - at::matmul(q.narrow(1, 0, kept) * scaling, upper.narrow(0, 0, kept));
}

}  // namespace

at::Tensor residual_weight(const at::Tensor& weight_OI, PeftConfig::Residual kind, int64_t r, double scaling,
                           bool transposed) {
  const at::Tensor weight = weight_OI.to(at::kFloat);
  switch (kind) {
    case PeftConfig::Residual::kPissa:
      return without_largest(weight, r).to(weight_OI.scalar_type());
    case PeftConfig::Residual::kOlora: {
      const at::Tensor held = transposed ? weight.t() : weight;
      const at::Tensor rest = without_first(held, r, scaling);
      return (transposed ? rest.t() : rest).to(weight_OI.scalar_type());
    }
    case PeftConfig::Residual::kNone:
      break;
  }
  return weight_OI;
}

}  // namespace hiddenkey
