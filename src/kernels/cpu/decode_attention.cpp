#include "kernels/cpu/decode_attention.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/vector_clones.h"
#include "kernels/cpu/softmax_rows.h"

namespace hiddenkey::cpu {
namespace {

/// Multiplications below which a second thread costs more than it saves.
constexpr int64_t kDecodeGrain = 1 << 15;

/// The cached positions of one sequence and one head of keys and values.
struct CachedHead {
  const float* keys;    ///< of row 0
  const float* values;  ///< of row 0
  int64_t stride;       ///< floats a row
  const int64_t* row;   ///< [S]
  int64_t size;         ///< S
};

HIDDENKEY_VECTOR_CLONES
void dot_rows(const float* query, const CachedHead& cached, int64_t head_size, float scale, float* logits) {
  for (int64_t s = 0; s < cached.size; ++s) {
    const float* key = cached.keys + cached.row[s] * cached.stride;
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t c = 0; c < head_size; ++c) sum += query[c] * key[c];
    logits[s] = sum * scale;
  }
}

HIDDENKEY_VECTOR_CLONES
void sum_rows(const float* weights, const CachedHead& cached, int64_t head_size, float* out) {
  std::fill_n(out, head_size, 0.0F);
  for (int64_t s = 0; s < cached.size; ++s) {
    const float* value = cached.values + cached.row[s] * cached.stride;
    const float weight = weights[s];
#pragma omp simd
    for (int64_t c = 0; c < head_size; ++c) out[c] += weight * value[c];
  }
}

}  // namespace

at::Tensor decode_attention(const at::Tensor& qkv_RW, const at::Tensor& kv_CW, const CachedRows& cached,
                            const AttentionShape& shape) {
  const int64_t rows = qkv_RW.size(0), groups = shape.kv_heads, head = shape.head_size, share = shape.heads / groups;
  at::Tensor out_RD = at::empty({rows, shape.heads * head}, qkv_RW.options());
  const float* query = qkv_RW.const_data_ptr<float>();
  const float* kv = kv_CW.const_data_ptr<float>();
  const int64_t* row = cached.row_RS.const_data_ptr<int64_t>();
  float* out = out_RD.data_ptr<float>();
  const float scale = 1.0F / std::sqrt(static_cast<float>(head));
  const std::vector<uint8_t> all(cached.longest, 1);
  const int64_t most = shape.reach > 0 ? shape.reach + 1 : cached.longest;  // the positions that a new row sees
  const int64_t grain = std::max<int64_t>(1, kDecodeGrain / (2 * share * head * cached.longest));
  at::parallel_for(0, rows * groups, grain, [&](int64_t begin, int64_t end) {
    std::vector<float> weights(cached.longest);
    for (int64_t task = begin; task < end; ++task) {
      const int64_t r = task / groups, g = task % groups;
      const int64_t seen = std::min(cached.lengths[r], most);
      const int64_t* first = row + r * cached.row_RS.stride(0) + cached.lengths[r] - seen;
      const CachedHead own{kv + g * head, kv + (groups + g) * head, kv_CW.stride(0), first, seen};
      for (int64_t h = g * share; h < (g + 1) * share; ++h) {
        dot_rows(query + r * qkv_RW.stride(0) + h * head, own, head, scale, weights.data());
        softmax_kept(weights.data(), all.data(), own.size);
        sum_rows(weights.data(), own, head, out + (r * shape.heads + h) * head);
      }
    }
  });
  return out_RD;
}

}  // namespace hiddenkey::cpu
