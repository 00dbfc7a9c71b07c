#include "kernels/cpu/keep_masks.h"

#include <ATen/Parallel.h>

#include <algorithm>

#include "kernels/philox.h"

namespace hiddenkey::cpu {
namespace {

constexpr int64_t kDrawGrain = 1 << 14;

}  // namespace

void draw_keep(const MaskKey& key, double rate, at::Tensor& keep) {
  const uint64_t stream = host_key(key);
  uint8_t* out = static_cast<uint8_t*>(keep.data_ptr());
  at::parallel_for(0, keep.numel(), kDrawGrain, [&](int64_t begin, int64_t end) {
    hiddenkey::draw_keep(stream, begin, end - begin, rate, out + begin);
  });
}

void draw_uniform(const MaskKey& key, at::Tensor& uniform) {
  const uint64_t stream = host_key(key);
  float* out = uniform.data_ptr<float>();
  at::parallel_for(0, uniform.numel(), kDrawGrain, [&](int64_t begin, int64_t end) {
    hiddenkey::draw_uniform(stream, begin, end - begin, out + begin);
  });
}

void scale_kept(const at::Tensor& in, const UnitMask& mask, at::Tensor& out) {
  if (in.numel() == 0) return;
  const int64_t width = in.size(1), rows = in.size(0) / static_cast<int64_t>(mask.passes.size());
  std::vector<std::optional<uint64_t>> streams;
  for (const auto& key : mask.passes) streams.push_back(key ? std::optional(host_key(*key)) : std::nullopt);
  const int64_t* row_of = mask.row_P.defined() ? mask.row_P.const_data_ptr<int64_t>() : nullptr;
  const float* from = in.const_data_ptr<float>();
  float* to = out.data_ptr<float>();
  at::parallel_for(0, in.size(0), 1 + kDrawGrain / width, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t pass = i / rows, place = i % rows;
      const int64_t first = (row_of == nullptr ? place : row_of[place]) * width;
      if (streams[pass]) {
        hiddenkey::scale_kept(*streams[pass], first, width, mask.rate, from + i * width, to + i * width);
      } else {
        std::copy_n(from + i * width, width, to + i * width);
      }
    }
  });
}

}  // namespace hiddenkey::cpu
