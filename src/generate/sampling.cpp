#include "generate/sampling.h"

#include <algorithm>
#include <limits>

#include "generate/never.h"
#include "io/send.h"
#include "kernels/philox.h"

namespace hiddenkey {
namespace {

uint32_t low_word(uint64_t value) { return static_cast<uint32_t>(value); }
uint32_t high_word(uint64_t value) { return static_cast<uint32_t>(value >> 32); }

/// [R,1]: the score of the last of each row's `count` best.
at::Tensor least_of_best(const at::Tensor& scores_RV, int64_t count) {
  const int64_t kept = std::min(count, scores_RV.size(1));
  return std::get<0>(scores_RV.topk(kept, -1)).narrow(1, kept - 1, 1);
}

/// Without the marked tokens; the likeliest stays.
at::Tensor leave_out(const at::Tensor& scores_RV, const at::Tensor& marked_RV) {
  return scores_RV.masked_fill(marked_RV.logical_and(scores_RV.lt(least_of_best(scores_RV, 1))), kNever);
}

/// Log-probabilities, in the arithmetic of PyTorch's Categorical.
at::Tensor normalize(const at::Tensor& scores_RV) { return scores_RV - scores_RV.logsumexp(-1, /*keepdim=*/true); }

/// [R], where a token without probability adds nothing.
at::Tensor entropy(const at::Tensor& scores_RV) {
  const at::Tensor log_RV = normalize(scores_RV);
  return (log_RV.clamp_min(std::numeric_limits<float>::lowest()) * log_RV.softmax(-1)).sum(-1).neg();
}

/// The likeliest tokens, of the first hundred, whose shares of the entropy sum up to at most this part of it.
at::Tensor keep_entropy(const at::Tensor& scores_RV, double part) {
  constexpr int64_t kMost = 100;
  const auto [best, order] = scores_RV.topk(std::min(kMost, scores_RV.size(1)), -1);
  const at::Tensor probability = normalize(best).softmax(-1);
  const at::Tensor sum = (probability.neg() * probability.log()).cumsum(-1);
  at::Tensor kept = sum.le((entropy(best) * part).unsqueeze(-1));
  kept.narrow(1, 0, 1).fill_(true);
  return scores_RV.masked_fill(at::zeros_like(scores_RV, at::kBool).scatter(1, order, kept).logical_not(), kNever);
}

/// From the unlikeliest on: what lies within the first 1 - `part` of the probability goes; the likeliest stays.
at::Tensor keep_likeliest(const at::Tensor& scores_RV, double part) {
  const auto [sorted, order] = scores_RV.sort(-1, /*descending=*/false);
  at::Tensor left_out = sorted.softmax(-1).cumsum(-1).le(1 - part);
  left_out.narrow(1, left_out.size(1) - 1, 1).fill_(false);
  return scores_RV.masked_fill(left_out.scatter(1, order, left_out), kNever);
}

/// The tokens whose information is nearest to the entropy and that together have this part of the probability.
at::Tensor keep_typical(const at::Tensor& scores_RV, double part) {
  const at::Tensor log_RV = scores_RV.log_softmax(-1);
  const at::Tensor mean_R1 = (log_RV * log_RV.exp()).nansum(-1, /*keepdim=*/true).neg();
  const auto [distance, order] = (log_RV.neg() - mean_R1).abs().sort(-1, /*descending=*/false);
  const at::Tensor sum = scores_RV.gather(-1, order).softmax(-1).cumsum(-1);
  const at::Tensor last = sum.lt(part).sum(-1, /*keepdim=*/true).clamp_max(distance.size(1) - 1);
  at::Tensor left_out = distance.gt(distance.gather(1, last));
  left_out.narrow(1, 0, 1).fill_(false);
  return scores_RV.masked_fill(left_out.scatter(1, order, left_out), kNever);
}

}  // namespace

double draw_at(uint64_t seed, const DrawAddress& address) {
  const PhiloxBlock block =
      philox({address.position, address.candidate, low_word(address.prompt), high_word(address.prompt)},
             {low_word(seed), high_word(seed)});
  return static_cast<double>((uint64_t{block[0]} << 32 | block[1]) >> 11) * 0x1p-53;
}

at::Tensor filter_logits(const at::Tensor& logits_RV, const SamplingOptions& options) {
  at::Tensor scores = options.temperature == 1 ? logits_RV : logits_RV / options.temperature;
  if (options.top_h > 0) scores = keep_entropy(scores, options.top_h);
  if (options.top_k > 0) scores = scores.masked_fill(scores.lt(least_of_best(scores, options.top_k)), kNever);
  if (options.top_p < 1) scores = keep_likeliest(scores, options.top_p);
  if (options.min_p > 0) {
    const at::Tensor probability = scores.softmax(-1);
    scores = scores.masked_fill(probability.lt(probability.amax(-1, true) * options.min_p), kNever);
  }
  if (options.typical_p < 1) scores = keep_typical(scores, options.typical_p);
  if (options.epsilon_cutoff > 0) scores = leave_out(scores, scores.softmax(-1).lt(options.epsilon_cutoff));
  if (options.eta_cutoff > 0) {
    const at::Tensor epsilon = at::full({}, options.eta_cutoff, scores.options());
    const at::Tensor eta = at::min(epsilon, epsilon.sqrt() * entropy(scores).neg().exp());
    scores = leave_out(scores, scores.softmax(-1).lt(eta.unsqueeze(-1)));
  }
  return scores;
}

at::Tensor sample(const at::Tensor& logits_RV, const std::vector<double>& draws) {
  const at::Tensor sum_RV = logits_RV.to(at::kDouble).softmax(-1).cumsum(-1);
  const at::Tensor draw_R1 = send(at::tensor(draws, at::kDouble), logits_RV.device()).unsqueeze(1);
  const at::Tensor below = sum_RV.le(draw_R1 * sum_RV.narrow(1, sum_RV.size(1) - 1, 1));
  return below.sum(-1);
}

}  // namespace hiddenkey
