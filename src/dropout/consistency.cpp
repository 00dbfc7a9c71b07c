#include "dropout/consistency.h"

#include <cmath>

namespace hiddenkey {

at::Tensor bidirectional_kl(const at::Tensor& logits1_RV, const at::Tensor& logits2_RV) {
  const at::Tensor log1_RV = at::log_softmax(logits1_RV, -1);
  const at::Tensor log2_RV = at::log_softmax(logits2_RV, -1);
  // KL(P1||P2) + KL(P2||P1) = sum (P1 - P2)(log P1 - log P2): never negative, exactly 0 for equal logits.
  return (log1_RV.exp() - log2_RV.exp()).mul(log1_RV - log2_RV).sum(-1).mean().mul(0.5);
}

at::Tensor jensen_shannon(const at::Tensor& logits1_RV, const at::Tensor& logits2_RV) {
  const at::Tensor log1_RV = at::log_softmax(logits1_RV, -1);
  const at::Tensor log2_RV = at::log_softmax(logits2_RV, -1);
  const at::Tensor mixture_RV = at::logaddexp(log1_RV, log2_RV) - std::log(2.0);
  const at::Tensor terms_RV = log1_RV.exp().mul(log1_RV - mixture_RV) + log2_RV.exp().mul(log2_RV - mixture_RV);
  return terms_RV.sum(-1).mean().mul(0.5);
}

}  // namespace hiddenkey
