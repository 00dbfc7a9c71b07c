#include "kernels/attention_bias.h"

#include <limits>

namespace hiddenkey {
namespace {

constexpr int64_t kAligned = 16;     // keys: a GPU's kernel reads so many of a bias at once
constexpr double kFarBelow = -1e30;  // exp of it is 0 beside any logit, and unlike -inf it can be multiplied by 0
constexpr double kNothing = -std::numeric_limits<double>::infinity();

int64_t aligned(int64_t keys) { return (keys + kAligned - 1) / kAligned * kAligned; }

/// bool, broadcastable to [B,H,T,S]: which keys a mask keeps, without the rule on a query's own key.
at::Tensor padded_keep(const at::Tensor& keep, const PackedLayout& queries, const PackedLayout& keys) {
  if (keep.dim() == 4) return keep.narrow(2, 0, queries.longest);
  const at::Tensor rows = keep.index_select(1, keys.row_BT.flatten());
  return rows.view({keep.size(0), keys.sequences(), 1, keys.longest}).transpose(0, 1);
}

/// bool [T,S]: true where the key is the query's own position (the last T of S positions are the queries').
at::Tensor own_key(const PackedLayout& queries, const PackedLayout& keys) {
  const int64_t shift = keys.longest - queries.longest;
  return at::ones({queries.longest, keys.longest}, keys.valid_BT.options()).triu(shift).tril(shift);
}

/// The bias of all places, those that fill a row up among them: they are 0.
at::Tensor aligned_storage(const at::Tensor& visible, at::ScalarType type) {
  std::vector<int64_t> sizes = visible.sizes().vec();
  sizes.back() = aligned(visible.size(-1));
  at::Tensor bias = at::zeros(sizes, visible.options().dtype(type));
  bias.narrow(-1, 0, visible.size(-1)).masked_fill_(visible.bitwise_not(), kNothing);
  return bias;
}

/// What every layer of a batch shares, made when a layer first asks.
const BiasFrame& frame_of(const AttentionShape& shape, const PackedLayout& queries, const PackedLayout& keys,
                          at::ScalarType type) {
  BiasFrame& frame = *keys.bias_frame;
  if (frame.shown.defined() && frame.queries == queries.longest && frame.shown.scalar_type() == type) return frame;
  const int64_t width = aligned(keys.longest), missing = width - keys.longest;
  frame.queries = queries.longest;
  frame.row_P = at::constant_pad_nd(keys.row_BT, {0, missing}).flatten();
  frame.shown = aligned_storage(visible_keys(shape, queries, keys, {}), type);
  frame.hidden = at::full({}, kNothing, frame.shown.options());
  if (!shape.causal) return frame;
  const at::Tensor own_TS = at::constant_pad_nd(own_key(queries, keys), {0, missing});
  frame.others_TS = at::full({queries.longest, width}, kFarBelow, frame.shown.options()).masked_fill_(own_TS, 0);
  return frame;
}

/// [B,H,1,S] of `type` from a mask of rows, its last dimension aligned.
at::Tensor dropped_keys(const at::Tensor& keep_HN, const BiasFrame& frame, int64_t sequences) {
  const at::Tensor keep = keep_HN.index_select(1, frame.row_P).view({keep_HN.size(0), sequences, 1, -1});
  return keep.logical_not_().transpose(0, 1);
}

}  // namespace

at::Tensor visible_keys(const AttentionShape& shape, const PackedLayout& queries, const PackedLayout& keys,
                        const at::Tensor& logits_keep) {
  at::Tensor visible = keys.valid_BT.view({keys.sequences(), 1, 1, keys.longest});
  if (logits_keep.defined()) {
    at::Tensor keep = padded_keep(logits_keep, queries, keys);
    if (shape.causal && logits_keep.dim() == 2) keep = keep.bitwise_or(own_key(queries, keys));
    visible = visible.bitwise_and(keep);
  }
  if (shape.causal) {
    const int64_t shift = keys.longest - queries.longest;
    visible = visible.bitwise_and(at::ones({queries.longest, keys.longest}, visible.options()).tril(shift));
    // A row of padding sees itself, since a softmax over nothing would put NaN into everyone's gradient.
    const at::Tensor padding = keys.valid_BT.bitwise_not().view({keys.sequences(), 1, 1, keys.longest});
    visible = visible.bitwise_or(padding.bitwise_and(own_key(queries, keys)));
  }
  return visible;
}

at::Tensor kept_weights(const at::Tensor& visible, const AttentionShape& shape, const PackedLayout& queries,
                        const PackedLayout& keys, const at::Tensor& weights_keep) {
  at::Tensor keep = padded_keep(weights_keep, queries, keys);
  if (shape.causal && weights_keep.dim() == 2) keep = keep.bitwise_or(own_key(queries, keys));
  const at::Tensor kept = visible.bitwise_and(keep);
  return kept.bitwise_or(visible.bitwise_and(kept.any(-1, true).bitwise_not()));
}

at::Tensor bias_of(const at::Tensor& visible, at::ScalarType type) {
  return at::zeros(visible.sizes(), visible.options().dtype(type)).masked_fill_(visible.bitwise_not(), kNothing);
}

at::Tensor aligned_bias_of(const at::Tensor& visible, at::ScalarType type) {
  return aligned_storage(visible, type).narrow(-1, 0, visible.size(-1));
}

at::Tensor aligned_bias(const AttentionShape& shape, const PackedLayout& queries, const PackedLayout& keys,
                        const at::Tensor& logits_keep, at::ScalarType type) {
  if (logits_keep.defined() && logits_keep.dim() == 4)
    return aligned_bias_of(visible_keys(shape, queries, keys, logits_keep), type);
  const BiasFrame& frame = frame_of(shape, queries, keys, type);
  at::Tensor bias = frame.shown;
  if (logits_keep.defined()) {
    const at::Tensor dropped_BH1S = dropped_keys(logits_keep, frame, keys.sequences());
    // A causal query always sees its own key.
    bias = shape.causal ? at::addcmul(frame.shown, dropped_BH1S.to(type), frame.others_TS)
                        : at::where(dropped_BH1S, frame.hidden, frame.shown);
  }
  return bias.narrow(-1, 0, keys.longest);
}

}  // namespace hiddenkey
