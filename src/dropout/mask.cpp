#include "dropout/mask.h"

#include <torch/csrc/autograd/custom_function.h>

#include <functional>

#include "kernels/reference/keep_masks.h"

namespace hiddenkey {
namespace {

uint64_t key_of(const LayerPass& pass, MaskAddress address, const Draw& draw) {
  return mask_key(draw, pass.layer, address.value());
}

/// One mask a pass, stacked along `dim`; ones for a pass without a draw.
at::Tensor stack_passes(const DropoutScope& scope, int64_t dim,
                        const std::function<at::Tensor(const Draw&)>& draw_one) {
  std::vector<at::Tensor> masks;
  for (const auto& draw : scope.passes) {
    at::Tensor mask = draw_one(draw.value_or(Draw{}));
    masks.push_back(draw ? mask : at::ones_like(mask));
  }
  return masks.size() == 1 ? masks.front() : at::cat(masks, dim);
}

PackedSequences sequences_of(const PackedLayout& layout) {
  return {layout.sequence_N, layout.position_N, layout.first_B, layout.length_B};
}

at::Tensor element_attention_keep(uint64_t key, double rate, const AttentionShape& shape, const PackedLayout& layout) {
  const int64_t longest = layout.longest, reach = shape.reach;
  at::Tensor keep_BHTS = draw_keep(key, {layout.sequences(), shape.heads, longest, longest}, rate, layout.device());
  at::Tensor visible_BHTS = layout.valid_BT.view({-1, 1, 1, longest}).expand({-1, 1, longest, longest});
  if (shape.causal) visible_BHTS = visible_BHTS.tril();
  if (reach > 0) visible_BHTS = visible_BHTS.triu(-reach).tril(reach);
  const at::Tensor lost_BHT = keep_BHTS.bitwise_and(visible_BHTS).any(-1).bitwise_not_();
  at::Tensor fallback = shape.causal || reach > 0 ? keep_BHTS.diagonal(0, -2, -1) : keep_BHTS.select(-1, 0);
  fallback.bitwise_or_(lost_BHT);
  return keep_BHTS;
}

/// The mask is drawn while it is applied and drawn again in the backward pass, never stored.
class DropUnits : public torch::autograd::Function<DropUnits> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* ctx, const at::Tensor& x, const UnitMask& mask) {
    std::vector<int64_t> keys, on;
    for (const auto& key : mask.passes) {
      keys.push_back(static_cast<int64_t>(key ? host_key(*key) : 0));
      on.push_back(key ? 1 : 0);
    }
    ctx->saved_data["keys"] = keys;
    ctx->saved_data["on"] = on;
    ctx->saved_data["rows"] = mask.rows;
    ctx->saved_data["rate"] = mask.rate;
    ctx->save_for_backward({mask.row_P});
    return scale_kept(x, mask);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx,
                                                 const torch::autograd::variable_list& grads) {
    const std::vector<int64_t> keys = ctx->saved_data["keys"].toIntVector(), on = ctx->saved_data["on"].toIntVector();
    UnitMask mask{
        {}, ctx->get_saved_variables()[0], ctx->saved_data["rows"].toInt(), ctx->saved_data["rate"].toDouble()};
    for (std::size_t i = 0; i < keys.size(); ++i) {
      mask.passes.push_back(on[i] != 0 ? std::optional<MaskKey>(static_cast<uint64_t>(keys[i])) : std::nullopt);
    }
    return {scale_kept(grads[0].contiguous(), mask), at::Tensor()};
  }
};

at::Tensor drop_elements(const at::Tensor& x, const LayerPass& pass, MaskAddress address, double rate) {
  const PackedLayout& layout = *pass.scope.layout;
  UnitMask mask;
  mask.rate = rate;
  mask.rows = layout.rows();
  if (pass.rows == Rows::kPicked) mask.row_P = layout.picked_P;
  for (const auto& draw : pass.scope.passes) {
    mask.passes.push_back(draw ? std::optional<MaskKey>(key_of(pass, address, *draw)) : std::nullopt);
  }
  return scales_while_drawing(x) ? DropUnits::apply(x.contiguous(), mask) : reference::scale_kept(x, mask);
}

}  // namespace

at::Tensor attention_keep(const LayerPass& pass, MaskAddress address, const Site& site, const AttentionShape& shape) {
  const PackedLayout& layout = *pass.scope.layout;
  const auto key = [&](const Draw& draw) { return key_of(pass, address, draw); };
  if (site.pattern == Pattern::kElement) {
    return stack_passes(pass.scope, 0,
                        [&](const Draw& draw) { return element_attention_keep(key(draw), site.rate, shape, layout); });
  }
  return stack_passes(pass.scope, 1, [&](const Draw& draw) {
    at::Tensor keep_HN = site.pattern == Pattern::kSpan
                             ? draw_span_keep(key(draw), shape.heads, site.rate, sequences_of(layout))
                             : draw_keep(key(draw), {shape.heads, layout.rows()}, site.rate, layout.device());
    if (!shape.causal && shape.reach == 0) keep_first_where_all_lost(keep_HN, sequences_of(layout));
    return keep_HN;
  });
}

at::Tensor drop_units(const at::Tensor& x, const LayerPass& pass, MaskAddress address, const Site& site) {
  if (site.pattern == Pattern::kElement) return drop_elements(x, pass, address, site.rate);
  const DropoutScope& scope = pass.scope;
  const PackedLayout& layout = *scope.layout;
  const auto key = [&](const Draw& draw) { return key_of(pass, address, draw); };
  const bool picked = pass.rows == Rows::kPicked;
  const at::Tensor sequence = picked ? layout.sequence_N.index_select(0, layout.picked_P) : layout.sequence_N;
  const at::Tensor keep = stack_passes(scope, 0, [&](const Draw& draw) {
    if (site.pattern == Pattern::kColumn) {
      const at::Tensor keep_BD = draw_keep(key(draw), {layout.sequences(), x.size(1)}, site.rate, layout.device());
      return keep_BD.index_select(0, sequence);
    }
    const at::Tensor keep_N1 = draw_span_keep(key(draw), 1, site.rate, sequences_of(layout)).view({-1, 1});
    return picked ? keep_N1.index_select(0, layout.picked_P) : keep_N1;
  });
  // A pass without dropout keeps every unit and is not rescaled.
  const double scale = 1.0 / (1.0 - site.rate);
  if (scope.passes.size() == 1) return x.mul(keep).mul(scale);
  const int64_t size = x.size(0) / static_cast<int64_t>(scope.passes.size());
  at::Tensor scale_N1 = at::ones({x.size(0), 1}, x.options());
  for (std::size_t i = 0; i < scope.passes.size(); ++i) {
    if (scope.passes[i]) scale_N1.narrow(0, static_cast<int64_t>(i) * size, size).fill_(scale);
  }
  return x.mul(keep).mul(scale_N1);
}

}  // namespace hiddenkey
