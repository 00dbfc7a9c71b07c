#include "generate/sampling.h"

#include <algorithm>
#include <limits>

#include "dropout/philox.h"

namespace hiddenkey {
namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

uint32_t low_word(uint64_t value) { return static_cast<uint32_t>(value); }
uint32_t high_word(uint64_t value) { return static_cast<uint32_t>(value >> 32); }

}  // namespace

double draw_at(uint64_t seed, const DrawAddress& address) {
  const PhiloxBlock block =
      philox({address.position, address.candidate, low_word(address.prompt), high_word(address.prompt)},
             {low_word(seed), high_word(seed)});
  return static_cast<double>((uint64_t{block[0]} << 32 | block[1]) >> 11) * 0x1p-53;
}

at::Tensor filter_logits(const at::Tensor& logits_RV, const SamplingOptions& options) {
  at::Tensor scores = options.temperature == 1 ? logits_RV : logits_RV / options.temperature;
  if (options.top_k > 0) {
    const int64_t count = std::min(options.top_k, scores.size(1));
    const at::Tensor least = std::get<0>(scores.topk(count, -1)).narrow(1, count - 1, 1);
    scores = scores.masked_fill(scores.lt(least), kNever);
  }
  if (options.top_p < 1) {
    // From the unlikeliest on: what lies within the first 1 - top_p of the probability goes; the likeliest stays.
    const auto [sorted, order] = scores.sort(-1, /*descending=*/false);
    at::Tensor left_out = sorted.softmax(-1).cumsum(-1).le(1 - options.top_p);
    left_out.narrow(1, left_out.size(1) - 1, 1).fill_(false);
    scores = scores.masked_fill(left_out.scatter(1, order, left_out), kNever);
  }
  return scores;
}

at::Tensor sample(const at::Tensor& logits_RV, const std::vector<double>& draws) {
  const at::Tensor sum_RV = logits_RV.to(at::kDouble).softmax(-1).cumsum(-1);
  const at::Tensor draw_R1 = at::tensor(draws, at::kDouble).to(logits_RV.device(), /*non_blocking=*/true).unsqueeze(1);
  const at::Tensor below = sum_RV.le(draw_R1 * sum_RV.narrow(1, sum_RV.size(1) - 1, 1));
  return below.sum(-1);
}

}  // namespace hiddenkey
