#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kernels/cuda/launcher.h"
#include "kernels/keep_masks.h"

namespace hiddenkey::cuda {

struct KeyArgument;

/// The host's side of keep_masks.cu; kernels/keep_masks.h has the contracts. Results are written to the last argument,
/// which is contiguous and lies, as all tensors do, on one device.
class KeepMasks {
 public:
  static constexpr const char* kSource = "keep_masks.cu";
  static std::vector<std::string> kernel_names();

  explicit KeepMasks(std::unique_ptr<Launcher> launcher) : launcher_(std::move(launcher)) {}

  /// `first` is the number of the stream that decides about the first element.
  void draw_keep(const MaskKey& key, int64_t first, double rate, at::Tensor& keep) const;
  void draw_uniform(const MaskKey& key, int64_t first, at::Tensor& uniform) const;
  at::Tensor draw_span_keep(const MaskKey& key, int64_t draws, double rate, const PackedSequences& sequences) const;
  void keep_first_where_all_lost(at::Tensor& keep_HN, const PackedSequences& sequences) const;

  static bool scales(at::ScalarType type) { return type == at::kFloat || type == at::kBFloat16; }
  void scale_kept(const at::Tensor& in, const UnitMask& mask, at::Tensor& out) const;

 private:
  std::unique_ptr<Launcher> launcher_;
};

}  // namespace hiddenkey::cuda
