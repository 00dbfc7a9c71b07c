#include "nn/block.h"

namespace hiddenkey {
namespace {

AttentionDropout attention_dropout(const LayerPass& pass, const AttentionShape& shape) {
  AttentionDropout dropout;
  const LayerPlan* plan = pass.plan();
  if (plan == nullptr) return dropout;
  const auto keep = [&](Position position, const Site& site) { return attention_keep(pass, {position}, site, shape); };
  const auto keep_if_on = [&](Position position) {
    const std::optional<Site>& site = plan->sites[position];
    return site ? keep(position, *site) : at::Tensor();
  };
  dropout.logits_keep = keep_if_on(Position::kLogits);
  dropout.weights_keep = keep_if_on(Position::kWeights);
  dropout.grad_through_norm = plan->grad_through_norm;
  if (plan->pretrained > 0) {
    const Site site{plan->pretrained, Pattern::kElement};
    dropout.weights_scale = keep(Position::kPretrainedWeights, site).to(at::kFloat).mul_(1.0 / (1.0 - site.rate));
  }
  return dropout;
}

at::Tensor drop_pretrained(const at::Tensor& x, const LayerPass& pass, Position position) {
  const LayerPlan* plan = pass.plan();
  if (plan == nullptr || plan->pretrained <= 0) return x;
  return drop_units(x, pass, {position}, Site{plan->pretrained, Pattern::kElement});
}

at::Tensor drop_hidden(const at::Tensor& x, const LayerPass& pass, HiddenSite at_site) {
  const LayerPlan* plan = pass.plan();
  if (plan == nullptr || !plan->sites[Position::kHidden] || plan->hidden_site != at_site) return x;
  return drop_units(x, pass, {Position::kHidden}, *plan->sites[Position::kHidden]);
}

at::Tensor normed(const std::optional<Norm>& norm, const at::Tensor& x_ND) { return norm ? norm->forward(x_ND) : x_ND; }

}  // namespace

Projected Block::project(const at::Tensor& x_ND, const Rotation* rotation, const PackedLayout& layout,
                         const LayerPass& pass) const {
  const at::Tensor in_ND = norm_first ? normed(attention_norm, x_ND) : x_ND;
  if (pass.rows == Rows::kAll || shape.causal) {
    const at::Tensor qkv_NW = qkv.forward(in_ND, pass.of_all_rows());
    return {x_ND, at::Tensor(), with_positions(qkv_NW, shape.heads, shape.kv_heads, rotation)};
  }
  // The tape adds gradients in the order of these lines.
  const at::Tensor in_PD = in_ND.index_select(0, layout.picked_P), x_PD = x_ND.index_select(0, layout.picked_P);
  const at::Tensor q_PD = qkv.forward_part(in_PD, 0, 1, pass);
  const at::Tensor kv_NW = qkv.forward_part(in_ND, 1, 2, pass.of_all_rows());
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

at::Tensor Block::attend(const Projected& in, const PackedLayout& queries, const PackedLayout& layout,
                         const LayerPass& pass) const {
  const at::Tensor attended = attention(in.q_MD, in.qkv_NW, shape, queries, layout, attention_dropout(pass, shape));
  if (pass.rows == Rows::kAll || !shape.causal) return complete(in.x_ND, attended, pass);
  return complete(in.x_ND.index_select(0, layout.picked_P), attended.index_select(0, layout.picked_P), pass);
}

at::Tensor Block::complete(const at::Tensor& x_ND, const at::Tensor& attended_ND, const LayerPass& pass) const {
  at::Tensor y = output.forward(attended_ND, pass);
  y = drop_pretrained(y, pass, Position::kPretrainedAttention);
  const at::Tensor sum = x_ND + y;
  const at::Tensor x = norm_first ? sum : normed(attention_norm, sum);
  at::Tensor hidden = up.forward(norm_first ? normed(mlp_norm, x) : x, pass);
  hidden = gated ? gated_activate(hidden, activation) : activate(hidden, activation);
  hidden = drop_hidden(hidden, pass, HiddenSite::kActivation);
  y = down.forward(hidden, pass);
  y = drop_hidden(y, pass, HiddenSite::kFfnOutput);
  y = drop_pretrained(y, pass, Position::kPretrainedFfn);
  return norm_first ? x + y : normed(mlp_norm, x + y);
}

}  // namespace hiddenkey
