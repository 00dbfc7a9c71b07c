#pragma once

#include "kernels/keep_masks.h"

/// What the kernels for masks compute, out of ATen's operators: for every device and type, and on the tape.
/// kernels/keep_masks.h has the contracts.
namespace hiddenkey::reference {

/// uniform_RB (float32) places the span of each sequence in each draw.
at::Tensor span_keep(const at::Tensor& uniform_RB, double rate, const PackedSequences& sequences);

void keep_first_where_all_lost(at::Tensor& keep_HN, const PackedSequences& sequences);

at::Tensor scale_kept(const at::Tensor& in, const UnitMask& mask);

}  // namespace hiddenkey::reference
