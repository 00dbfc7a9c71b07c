#pragma once

#include <ATen/ATen.h>

#include "dropout/draw.h"
#include "kernels/attention.h"

/// B sequences, N packed rows of all passes, T/S query/key positions, H heads.
namespace hiddenkey {

/// Which keys a site of attention keeps: bool [H,N] for columns and spans (shared by all queries of a head), bool
/// [B,H,T,S] for elements. Every query keeps at least one key that it may attend to (method: the first token in an
/// encoder, its own position in a causal model or where there is a reach). For [H,N] the last two are attention's to
/// see to: such a mask is a pure draw.
at::Tensor attention_keep(const LayerPass& pass, MaskAddress address, const Site& site, const AttentionShape& shape);

/// x with its dropped units zero and the others divided by 1 - rate. An element's mask does not depend on which rows of
/// a packed matrix x holds.
at::Tensor drop_units(const at::Tensor& x, const LayerPass& pass, MaskAddress address, const Site& site);

}  // namespace hiddenkey
