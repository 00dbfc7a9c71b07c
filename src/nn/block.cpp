#include "nn/block.h"

namespace hiddenkey {
namespace {

AttentionDropout attention_dropout(const DropoutScope& scope, const AttentionShape& shape, int64_t layer) {
  AttentionDropout dropout;
  const LayerSites* sites = scope.layer(layer);
  if (sites == nullptr) return dropout;
  const auto keep = [&](const Site& site, Position position) {
    return attention_keep(scope, site, position, layer, shape);
  };
  if (sites->logits) dropout.logits_keep = keep(*sites->logits, Position::kLogits);
  if (sites->weights) dropout.weights_keep = keep(*sites->weights, Position::kWeights);
  dropout.grad_through_norm = sites->grad_through_norm;
  if (sites->pretrained > 0) {
    const Site site{sites->pretrained, Pattern::kElement};
    dropout.weights_scale = keep(site, Position::kPretrainedWeights).to(at::kFloat).mul_(1.0 / (1.0 - site.rate));
  }
  return dropout;
}

at::Tensor drop_pretrained(const at::Tensor& x, const DropoutScope& scope, Position position, int64_t layer,
                           Rows rows) {
  const LayerSites* sites = scope.layer(layer);
  if (sites == nullptr || sites->pretrained <= 0) return x;
  return drop_units(x, scope, Site{sites->pretrained, Pattern::kElement}, static_cast<uint32_t>(position), layer, rows);
}

at::Tensor drop_hidden(const at::Tensor& x, HiddenSite at_site, const DropoutScope& scope, int64_t layer, Rows rows) {
  const LayerSites* sites = scope.layer(layer);
  if (sites == nullptr || !sites->hidden || sites->hidden_site != at_site) return x;
  return drop_units(x, scope, *sites->hidden, static_cast<uint32_t>(Position::kHidden), layer, rows);
}

at::Tensor normed(const std::optional<Norm>& norm, const at::Tensor& x_ND) { return norm ? norm->forward(x_ND) : x_ND; }

}  // namespace

Projected Block::project(const at::Tensor& x_ND, const Rotation* rotation, const DropoutScope& scope,
                         const PackedLayout& layout, int64_t layer, Rows rows) const {
  const at::Tensor in_ND = norm_first ? normed(attention_norm, x_ND) : x_ND;
  if (rows == Rows::kAll || shape.causal) {
    const at::Tensor qkv_NW = qkv.forward(in_ND, scope, layer);
    return {x_ND, at::Tensor(), with_positions(qkv_NW, shape.heads, shape.kv_heads, rotation)};
  }
  // The tape adds gradients in the order of these lines.
  const at::Tensor in_PD = in_ND.index_select(0, layout.picked_P), x_PD = x_ND.index_select(0, layout.picked_P);
  const at::Tensor q_PD = qkv.forward_part(in_PD, 0, 1, scope, layer, rows);
  const at::Tensor kv_NW = qkv.forward_part(in_ND, 1, 2, scope, layer, Rows::kAll);
  const auto picked = rotation == nullptr ? std::nullopt : std::make_optional(rows_of(*rotation, layout.picked_P));
  return {x_PD, with_positions(q_PD, shape.heads, 0, picked ? &*picked : nullptr),
          with_positions(kv_NW, 0, shape.kv_heads, rotation)};
}

at::Tensor Block::with_positions(const at::Tensor& x_NW, int64_t queries, int64_t keys,
                                 const Rotation* rotation) const {
  at::Tensor normed_NW = x_NW;
  if (query_norm && key_norm) {
    const int64_t q_width = queries * shape.head_size, k_width = keys * shape.head_size;
    const auto heads = [&](const Norm& norm, int64_t begin, int64_t width) {
      return norm.forward(x_NW.narrow(1, begin, width).reshape({-1, shape.head_size})).view({-1, width});
    };
    std::vector<at::Tensor> parts;
    if (queries > 0) parts.push_back(heads(*query_norm, 0, q_width));
    if (keys > 0) parts.push_back(heads(*key_norm, q_width, k_width));
    parts.push_back(x_NW.slice(1, q_width + k_width));
    normed_NW = at::cat(parts, 1);
  }
  return rotation == nullptr ? normed_NW : rotate(normed_NW, queries + keys, *rotation);
}

at::Tensor Block::attend(const Projected& in, const DropoutScope& scope, const PackedLayout& queries,
                         const PackedLayout& layout, int64_t layer, Rows rows) const {
  const at::Tensor attended =
      attention(in.q_MD, in.qkv_NW, shape, queries, layout, attention_dropout(scope, shape, layer));
  if (rows == Rows::kAll || !shape.causal) return complete(in.x_ND, attended, scope, layer, rows);
  return complete(in.x_ND.index_select(0, layout.picked_P), attended.index_select(0, layout.picked_P), scope, layer,
                  rows);
}

at::Tensor Block::complete(const at::Tensor& x_ND, const at::Tensor& attended_ND, const DropoutScope& scope,
                           int64_t layer, Rows rows) const {
  at::Tensor y = output.forward(attended_ND, scope, layer, rows);
  y = drop_pretrained(y, scope, Position::kPretrainedAttention, layer, rows);
  const at::Tensor sum = x_ND + y;
  const at::Tensor x = norm_first ? sum : normed(attention_norm, sum);
  at::Tensor hidden = up.forward(norm_first ? normed(mlp_norm, x) : x, scope, layer, rows);
  hidden = gated ? gated_activate(hidden, activation) : activate(hidden, activation);
  hidden = drop_hidden(hidden, HiddenSite::kActivation, scope, layer, rows);
  y = down.forward(hidden, scope, layer, rows);
  y = drop_hidden(y, HiddenSite::kFfnOutput, scope, layer, rows);
  y = drop_pretrained(y, scope, Position::kPretrainedFfn, layer, rows);
  return norm_first ? x + y : normed(mlp_norm, x + y);
}

}  // namespace hiddenkey
