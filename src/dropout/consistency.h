#pragma once

#include <ATen/ATen.h>

/// Consistency losses between two distributions given as logits [R,V], averaged over the R rows.
namespace hiddenkey {

/// 1/2 [KL(P1||P2) + KL(P2||P1)] (R-Drop, Liang et al., NeurIPS 2021).
at::Tensor bidirectional_kl(const at::Tensor& logits1_RV, const at::Tensor& logits2_RV);

/// 1/2 KL(P1||M) + 1/2 KL(P2||M), M = (P1 + P2) / 2.
at::Tensor jensen_shannon(const at::Tensor& logits1_RV, const at::Tensor& logits2_RV);

}  // namespace hiddenkey
