#include "nn/block.h"

namespace hiddenkey {
namespace {

AttentionDropout attention_dropout(const DropoutScope& scope, const AttentionShape& shape, int64_t layer) {
  AttentionDropout dropout;
  const LayerSites* sites = scope.layer(layer);
  if (sites == nullptr) return dropout;
  const auto keep = [&](const Site& site, Position position) {
    return attention_keep(scope, site, position, layer, shape.heads, shape.causal);
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

}  // namespace

at::Tensor LayerNorm::forward(const at::Tensor& x_ND) const {
  return at::layer_norm(x_ND, {x_ND.size(-1)}, weight_D, bias_D, epsilon);
}

at::Tensor activate(const at::Tensor& x, Activation activation) {
  switch (activation) {
    case Activation::kGelu:
      return at::gelu(x);
    case Activation::kGeluTanh:
      return at::gelu(x, "tanh");
    case Activation::kRelu:
      return at::relu(x);
    case Activation::kSilu:
      return at::silu(x);
    case Activation::kTanh:
      return at::tanh(x);
  }
  return x;
}

Projected Block::project(const at::Tensor& x_ND, const DropoutScope& scope, const PackedLayout& layout, int64_t layer,
                         Rows rows) const {
  if (rows == Rows::kAll) return {x_ND, at::Tensor(), qkv.forward(x_ND, scope, layer)};
  const at::Tensor x_BD = x_ND.index_select(0, layout.first_B);
  return {x_BD, qkv.forward_part(x_BD, 0, 1, scope, layer, rows),
          qkv.forward_part(x_ND, 1, 2, scope, layer, Rows::kAll)};
}

at::Tensor Block::attend(const Projected& in, const DropoutScope& scope, const PackedLayout& queries,
                         const PackedLayout& layout, int64_t layer, Rows rows) const {
  at::Tensor y = attention(in.q_MD, in.qkv_NW, shape, queries, layout, attention_dropout(scope, shape, layer));
  y = output.forward(y, scope, layer, rows);
  y = drop_pretrained(y, scope, Position::kPretrainedAttention, layer, rows);
  const at::Tensor x = attention_norm.forward(in.x_ND + y);
  at::Tensor hidden = activate(up.forward(x, scope, layer, rows), activation);
  hidden = drop_hidden(hidden, HiddenSite::kActivation, scope, layer, rows);
  y = down.forward(hidden, scope, layer, rows);
  y = drop_hidden(y, HiddenSite::kFfnOutput, scope, layer, rows);
  y = drop_pretrained(y, scope, Position::kPretrainedFfn, layer, rows);
  return mlp_norm.forward(x + y);
}

}  // namespace hiddenkey
