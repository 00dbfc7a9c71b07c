#include "kernels/cpu/attention_rows.h"

#include <algorithm>
#include <cstring>

namespace hiddenkey::cpu {

Band band_of(const AttentionShape& shape, int64_t query, int64_t most, int64_t queries, int64_t keys) {
  const int64_t count = std::min(most, queries - query), position = shape.first_query(queries, keys) + query;
  if (shape.reach == 0) return {query, count, 0, keys, position};
  const int64_t ahead = shape.causal ? 0 : shape.reach;
  const int64_t first = std::max<int64_t>(0, position - shape.reach), end = std::min(keys, position + count + ahead);
  return {query, count, first, end - first, position - first};
}

KeepRows::KeepRows(const at::Tensor& keep, const PackedLayout& keys) : keys_(keys) {
  if (!keep.defined()) return;
  data_ = static_cast<const uint8_t*>(keep.const_data_ptr());
  element_ = keep.dim() == 4;
  heads_ = element_ ? keep.size(1) : keep.size(0);
  longest_ = element_ ? keep.size(3) : 0;
}

RowMask::RowMask(const AttentionShape& shape, const AttentionDropout& dropout, const PackedLayout& keys)
    : logits_(dropout.logits_keep, keys),
      weights_(dropout.weights_keep, keys),
      causal_(shape.causal),
      grad_through_norm_(dropout.grad_through_norm),
      reach_(shape.reach) {}

void RowMask::fill(int64_t b, int64_t h, const Band& band, int64_t t, uint8_t* seen, uint8_t* kept) const {
  draw(logits_, b, h, band, t, seen);
  if (!weights_.on()) return;
  draw(weights_, b, h, band, t, kept);
  uint8_t any = 0;
  for (int64_t s = 0; s < band.keys; ++s) any |= kept[s] = kept[s] & seen[s];
  if (any == 0) std::copy_n(seen, band.keys, kept);
  if (grad_through_norm_) std::copy_n(kept, band.keys, seen);
}

void RowMask::draw(const KeepRows& keep, int64_t b, int64_t h, const Band& band, int64_t t, uint8_t* out) const {
  const int64_t own = band.own + t;
  if (!keep.on()) {
    std::fill_n(out, band.keys, uint8_t{1});
  } else {
    std::copy_n(keep.row(b, h, band.query + t) + band.key, band.keys, out);
    if (causal_ && !keep.element()) out[own] = 1;
  }
  const int64_t end = causal_ ? own + 1 : reach_ > 0 ? std::min(band.keys, own + reach_ + 1) : band.keys;
  std::fill(out + end, out + band.keys, uint8_t{0});
  if (reach_ == 0) return;
  const int64_t begin = std::max<int64_t>(0, own - reach_);
  std::fill(out, out + begin, uint8_t{0});
  if (keep.on() && std::memchr(out + begin, 1, static_cast<std::size_t>(end - begin)) == nullptr) out[own] = 1;
}

}  // namespace hiddenkey::cpu
