#include "kernels/cuda/self_test.h"

#include <array>

#include "kernels/cpu/keep_masks.h"
#include "kernels/philox.h"
#include "kernels/reference/keep_masks.h"

namespace hiddenkey::cuda {
namespace {

/// A third scales by 1.5: many products then lie halfway between two bfloat16.
constexpr std::array<double, 4> kRates = {0.0, 0.1, 1.0 / 3, 0.999};
constexpr int64_t kHeads = 3;

/// Sizes that are a multiple of nothing, sequences of one row among them.
PackedSequences sequences_on(at::Device device) {
  const std::array<int64_t, 6> lengths = {1, 7, 1, 33, 130, 2};
  std::vector<int64_t> sequence, position, first;
  for (std::size_t b = 0; b < lengths.size(); ++b) {
    first.push_back(static_cast<int64_t>(sequence.size()));
    for (int64_t i = 0; i < lengths[b]; ++i) {
      sequence.push_back(static_cast<int64_t>(b));
      position.push_back(i);
    }
  }
  return {at::tensor(sequence).to(device), at::tensor(position).to(device), at::tensor(first).to(device),
          at::tensor(at::IntArrayRef(lengths)).to(device)};
}

/// Seed, step, micro-batch and pass as a captured step keeps them.
MaskKey key_on(at::Device device) {
  return {at::tensor({int64_t{1} << 62, int64_t{1000}, int64_t{3}, int64_t{1}}).to(device), 11, 2};
}

bool same(const at::Tensor& result, const at::Tensor& expected) { return result.cpu().equal(expected); }

bool same_keep(const KeepMasks& kernels, at::Device device, double rate) {
  for (const int64_t first : {0, 45}) {
    at::Tensor keep = at::empty({10007}, at::TensorOptions(device).dtype(at::kBool));
    at::Tensor expected = at::empty({10007}, at::kBool);
    kernels.draw_keep(key_on(device), first, rate, keep);
    draw_keep(host_key(key_on(at::kCPU)), first, expected.numel(), rate, static_cast<uint8_t*>(expected.data_ptr()));
    if (!same(keep, expected)) return false;
  }
  return true;
}

bool same_uniform(const KeepMasks& kernels, at::Device device) {
  at::Tensor uniform = at::empty({10007}, device), expected = at::empty({10007});
  kernels.draw_uniform(key_on(device), 45, uniform);
  draw_uniform(host_key(key_on(at::kCPU)), 45, expected.numel(), expected.data_ptr<float>());
  return same(uniform, expected);
}

bool same_spans(const KeepMasks& kernels, at::Device device, double rate) {
  const PackedSequences sequences = sequences_on(at::kCPU);
  at::Tensor uniform_RB = at::empty({kHeads, sequences.length_B.numel()});
  cpu::draw_uniform(key_on(at::kCPU), uniform_RB);
  return same(kernels.draw_span_keep(key_on(device), kHeads, rate, sequences_on(device)),
              reference::span_keep(uniform_RB, rate, sequences));
}

bool same_first(const KeepMasks& kernels, at::Device device, double rate) {
  const PackedSequences sequences = sequences_on(at::kCPU);
  at::Tensor expected = at::empty({kHeads, sequences.sequence_N.numel()}, at::kBool);
  cpu::draw_keep(key_on(at::kCPU), rate, expected);
  at::Tensor keep_HN = expected.to(device).clone();
  reference::keep_first_where_all_lost(expected, sequences);
  kernels.keep_first_where_all_lost(keep_HN, sequences_on(device));
  return same(keep_HN, expected);
}

/// Values that round to the even neighbour, overflow and vanish are among random ones.
at::Tensor values(int64_t rows, int64_t width, at::ScalarType type) {
  at::Tensor x = at::empty({rows, width});
  cpu::draw_uniform(MaskKey(5), x);
  x.sub_(0.5).mul_(8);
  x.view(-1).narrow(0, 0, 4).copy_(at::tensor({1e38F, -1e-40F, 0.0F, 1.00390625F}));
  return x.to(type);
}

bool same_scaled(const KeepMasks& kernels, at::Device device, double rate, at::ScalarType type, int64_t width) {
  UnitMask mask{{key_on(at::kCPU), std::nullopt, MaskKey(9)}, {}, 40, rate}, there = mask;
  there.passes[0] = key_on(device);
  for (const bool picked : {false, true}) {
    if (picked) {
      mask.row_P = at::tensor({int64_t{0}, int64_t{3}, int64_t{39}});
      there.row_P = mask.row_P.to(device);
    }
    const at::Tensor in = values(picked ? 9 : 120, width, type);
    at::Tensor out = at::empty_like(in, in.options().device(device));
    kernels.scale_kept(in.to(device), there, out);
    if (!same(out, reference::scale_kept(in, mask))) return false;
  }
  return true;
}

}  // namespace

std::string differing_kernel(const KeepMasks& kernels, at::Device device) {
  if (!same_uniform(kernels, device)) return "uniform_numbers";
  for (const double rate : kRates) {
    if (!same_keep(kernels, device, rate)) return "keep_bytes";
    if (!same_spans(kernels, device, rate)) return "keep_outside_spans";
    if (!same_first(kernels, device, rate)) return "keep_first";
    for (const int64_t width : {1, 12, 129}) {
      if (!same_scaled(kernels, device, rate, at::kFloat, width)) return "scale_kept_float32";
      if (!same_scaled(kernels, device, rate, at::kBFloat16, width)) return "scale_kept_bfloat16";
    }
  }
  return "";
}

}  // namespace hiddenkey::cuda
