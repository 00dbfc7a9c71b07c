#include "kernels/cuda/keep_masks.h"

#include <algorithm>

#include "core/text.h"
#include "kernels/cuda/arguments.cuh"
#include "kernels/cuda/libraries.h"
#include "kernels/philox.h"

namespace hiddenkey::cuda {
namespace {

constexpr int64_t kMostBlocks = 4096;

/// Enough blocks for `threads` threads, or as many as fill any device, where each thread then does several turns.
Grid grid_for(int64_t threads, unsigned layers = 1) {
  const int64_t blocks = std::clamp<int64_t>((threads + kThreads - 1) / kThreads, 1, kMostBlocks);
  return {static_cast<unsigned>(blocks), layers, kThreads};
}

/// A lane of a warp takes four numbers, and the first of them need not begin a group.
Grid grid_for_numbers(int64_t numbers, unsigned layers = 1) { return grid_for((numbers + 31) / 4 + 32, layers); }

void check(bool holds, const char* what) {
  if (!holds) throw KernelError(cat("a kernel for masks was called wrongly: ", what));
}

KeyArgument argument_of(const MaskKey& key, at::Device device) {
  if (!key.draw.defined()) return {key.value, nullptr, 0, 0};
  check(key.draw.device() == device && key.draw.is_contiguous() && key.draw.numel() == 4, "its key");
  return {0, key.draw.const_data_ptr<int64_t>(), key.layer, static_cast<int64_t>(key.position)};
}

const int64_t* indices(const at::Tensor& tensor, at::Device device) {
  check(tensor.device() == device && tensor.is_contiguous(), "its rows");
  return tensor.const_data_ptr<int64_t>();
}

uint8_t* bytes_of(const at::Tensor& keep) {
  check(keep.scalar_type() == at::kBool && keep.is_contiguous(), "its result");
  return static_cast<uint8_t*>(keep.data_ptr());
}

}  // namespace

std::vector<std::string> KeepMasks::kernel_names() {
  return {"keep_bytes",         "uniform_numbers",    "keep_first",
          "keep_outside_spans", "scale_kept_float32", "scale_kept_bfloat16"};
}

void KeepMasks::draw_keep(const MaskKey& key, int64_t first, double rate, at::Tensor& keep) const {
  if (keep.numel() == 0) return;
  const KeepBytes arguments{argument_of(key, keep.device()), first, keep.numel(), drop_threshold(rate), bytes_of(keep)};
  launcher_->launch("keep_bytes", grid_for_numbers(keep.numel()), &arguments, keep.device());
}

void KeepMasks::draw_uniform(const MaskKey& key, int64_t first, at::Tensor& uniform) const {
  if (uniform.numel() == 0) return;
  check(uniform.is_contiguous(), "its result");
  const UniformNumbers arguments{argument_of(key, uniform.device()), first, uniform.numel(), uniform.data_ptr<float>()};
  launcher_->launch("uniform_numbers", grid_for(uniform.numel()), &arguments, uniform.device());
}

at::Tensor KeepMasks::draw_span_keep(const MaskKey& key, int64_t draws, double rate,
                                     const PackedSequences& sequences) const {
  const at::Device device = sequences.length_B.device();
  const int64_t rows = sequences.sequence_N.numel();
  at::Tensor keep_RN = at::empty({draws, rows}, at::TensorOptions(device).dtype(at::kBool));
  if (keep_RN.numel() == 0) return keep_RN;
  const KeepOutsideSpans arguments{argument_of(key, device),
                                   draws,
                                   rows,
                                   sequences.length_B.numel(),
                                   rate,
                                   indices(sequences.sequence_N, device),
                                   indices(sequences.position_N, device),
                                   indices(sequences.length_B, device),
                                   bytes_of(keep_RN)};
  launcher_->launch("keep_outside_spans", grid_for(keep_RN.numel()), &arguments, device);
  return keep_RN;
}

void KeepMasks::keep_first_where_all_lost(at::Tensor& keep_HN, const PackedSequences& sequences) const {
  if (keep_HN.numel() == 0) return;
  const at::Device device = keep_HN.device();
  const KeepFirst arguments{keep_HN.size(0),
                            keep_HN.size(1),
                            sequences.length_B.numel(),
                            indices(sequences.first_B, device),
                            indices(sequences.length_B, device),
                            bytes_of(keep_HN)};
  launcher_->launch("keep_first", grid_for(arguments.heads * arguments.sequences * 32), &arguments, device);
}

void KeepMasks::scale_kept(const at::Tensor& in, const UnitMask& mask, at::Tensor& out) const {
  if (in.numel() == 0) return;
  check(scales(in.scalar_type()) && in.is_contiguous() && out.is_contiguous(), "its matrix");
  const int64_t passes = static_cast<int64_t>(mask.passes.size()), rows = in.size(0) / passes;
  ScaleKept arguments{};
  arguments.rows = rows;
  arguments.width = in.size(1);
  arguments.threshold = drop_threshold(mask.rate);
  arguments.scale = static_cast<float>(1.0 / (1.0 - mask.rate));
  arguments.row_P = mask.row_P.defined() ? indices(mask.row_P, in.device()) : nullptr;
  const std::string kernel = in.scalar_type() == at::kFloat ? "scale_kept_float32" : "scale_kept_bfloat16";
  for (int64_t begin = 0; begin < passes; begin += kMaxPasses) {
    const int64_t size = std::min<int64_t>(kMaxPasses, passes - begin);
    for (int64_t i = 0; i < size; ++i) {
      const std::optional<MaskKey>& key = mask.passes[static_cast<std::size_t>(begin + i)];
      arguments.on[i] = key.has_value();
      if (key) arguments.key[i] = argument_of(*key, in.device());
    }
    arguments.in = in.narrow(0, begin * rows, size * rows).const_data_ptr();
    arguments.out = out.narrow(0, begin * rows, size * rows).data_ptr();
    // Each picked row begins with a group of its own.
    const int64_t numbers = arguments.row_P == nullptr ? rows * arguments.width : rows * (arguments.width + 128);
    launcher_->launch(kernel, grid_for_numbers(numbers, static_cast<unsigned>(size)), &arguments, in.device());
  }
}

}  // namespace hiddenkey::cuda
