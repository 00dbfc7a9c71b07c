#pragma once

#include "kernels/keep_masks.h"

/// The masks on the CPU, drawn by all threads; kernels/keep_masks.h has the contracts. Results are written to the last
/// argument, which is contiguous.
namespace hiddenkey::cpu {

void draw_keep(const MaskKey& key, double rate, at::Tensor& keep);
void draw_uniform(const MaskKey& key, at::Tensor& uniform);

/// float32 alone.
void scale_kept(const at::Tensor& in, const UnitMask& mask, at::Tensor& out);

}  // namespace hiddenkey::cpu
