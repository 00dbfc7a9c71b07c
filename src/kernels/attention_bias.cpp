#include "kernels/attention_bias.h"

#include <algorithm>
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

/// bool [T,S]: true where the key is the query's own position.
at::Tensor own_key(const AttentionShape& shape, const PackedLayout& queries, const PackedLayout& keys) {
  const int64_t shift = shape.first_query(queries.longest, keys.longest);
  return at::ones({queries.longest, keys.longest}, keys.valid_BT.options()).triu(shift).tril(shift);
}

/// bool [T,S]: true where the key is not ahead of a causal query, and within its reach.
at::Tensor near_keys(const AttentionShape& shape, const PackedLayout& queries, const PackedLayout& keys) {
  const int64_t shift = shape.first_query(queries.longest, keys.longest);
  const at::Tensor all = at::ones({queries.longest, keys.longest}, keys.valid_BT.options());
  if (shape.reach == 0) return all.tril(shift);
  return all.triu(shift - shape.reach).tril(shape.causal ? shift : shift + shape.reach);
}

/// `seen` with the own key of each query that sees nothing: a draw took everything within its reach, or it is padding
/// among padding.
at::Tensor with_own_where_none(const at::Tensor& seen, const at::Tensor& own_TS) {
  return seen.bitwise_or(seen.any(-1, true).bitwise_not_().bitwise_and(own_TS));
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
  std::vector<BiasFrame>& frames = *keys.bias_frames;
  const auto found = std::find_if(frames.begin(), frames.end(), [&](const BiasFrame& made) {
    return made.queries == queries.longest && made.reach == shape.reach && made.shown.scalar_type() == type;
  });
  if (found != frames.end()) return *found;
  const int64_t width = aligned(keys.longest), missing = width - keys.longest;
  BiasFrame& frame = frames.emplace_back();
  frame.queries = queries.longest;
  frame.reach = shape.reach;
  frame.row_P = at::constant_pad_nd(keys.row_BT, {0, missing}).flatten();
  frame.shown = aligned_storage(visible_keys(shape, queries, keys, {}), type);
  frame.hidden = at::full({}, kNothing, frame.shown.options());
  if (!shape.causal) return frame;
  const at::Tensor own_TS = at::constant_pad_nd(own_key(shape, queries, keys), {0, missing});
  frame.others_TS = at::full({queries.longest, width}, kFarBelow, frame.shown.options()).masked_fill_(own_TS, 0);
  return frame;
}

/// [B,H,1,S] of `type` from a mask of rows, its last dimension aligned.
at::Tensor dropped_keys(const at::Tensor& keep_HN, const BiasFrame& frame, int64_t sequences) {
  const at::Tensor keep = keep_HN.index_select(1, frame.row_P).view({keep_HN.size(0), sequences, 1, -1});
  return keep.logical_not_().transpose(0, 1);
}

/// bool [B,H,T]: an encoder's queries that lost every key within their reach. The kept ones are counted by a running
/// sum, whose difference over a window is how many the window holds.
at::Tensor lost_queries(const at::Tensor& dropped_BH1S, int64_t reach, const PackedLayout& queries,
                        const PackedLayout& keys) {
  const int64_t size = keys.longest, wide = std::min(reach, size);
  const at::Tensor valid_B1S = keys.valid_BT.unsqueeze(1);
  const at::Tensor kept_BHS = dropped_BH1S.squeeze(2).narrow(-1, 0, size).logical_not().bitwise_and_(valid_B1S);
  const at::Tensor sum = at::constant_pad_nd(kept_BHS, {wide + 1, wide}).cumsum(-1, at::kInt);
  return sum.narrow(-1, 2 * wide + 1, queries.longest).eq(sum.narrow(-1, 0, queries.longest));
}

}  // namespace

at::Tensor visible_keys(const AttentionShape& shape, const PackedLayout& queries, const PackedLayout& keys,
                        const at::Tensor& logits_keep) {
  at::Tensor visible = keys.valid_BT.view({keys.sequences(), 1, 1, keys.longest});
  if (logits_keep.defined()) {
    at::Tensor keep = padded_keep(logits_keep, queries, keys);
    if (shape.causal && logits_keep.dim() == 2) keep = keep.bitwise_or(own_key(shape, queries, keys));
    visible = visible.bitwise_and(keep);
  }
  if (!shape.causal && shape.reach == 0) return visible;
  const at::Tensor own_TS = own_key(shape, queries, keys);
  visible = visible.bitwise_and(near_keys(shape, queries, keys));
  if (shape.causal) {
    // A row of padding sees itself, since a softmax over nothing would put NaN into everyone's gradient.
    const at::Tensor padding = keys.valid_BT.bitwise_not().view({keys.sequences(), 1, 1, keys.longest});
    visible = visible.bitwise_or(padding.bitwise_and(own_TS));
  }
  return shape.reach == 0 ? visible : with_own_where_none(visible, own_TS);
}

at::Tensor kept_weights(const at::Tensor& visible, const AttentionShape& shape, const PackedLayout& queries,
                        const PackedLayout& keys, const at::Tensor& weights_keep) {
  at::Tensor keep = padded_keep(weights_keep, queries, keys);
  if (shape.causal && weights_keep.dim() == 2) keep = keep.bitwise_or(own_key(shape, queries, keys));
  if (shape.reach > 0)
    keep = with_own_where_none(keep.bitwise_and(visible_keys(shape, queries, keys, {})), own_key(shape, queries, keys));
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
    if (!shape.causal && shape.reach > 0)
      bias.diagonal(0, -2, -1).masked_fill_(lost_queries(dropped_BH1S, shape.reach, queries, keys), 0);
  }
  return bias.narrow(-1, 0, keys.longest);
}

}  // namespace hiddenkey
