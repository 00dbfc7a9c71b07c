#include "dropout/mask.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <functional>

#include "dropout/philox.h"

namespace hiddenkey {
namespace {

constexpr int64_t kGrain = 1 << 14;

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

/// bool [R,N]: false on one run of round(rate * length) rows, at least one, in each sequence of each of R draws.
at::Tensor span_keep(uint64_t key, int64_t draws, double rate, const PackedLayout& layout) {
  const at::Tensor span_B = layout.length_B.to(at::kDouble).mul_(rate).round_().clamp_min_(1);
  const at::Tensor places_B = (layout.length_B - span_B).add_(1);
  const at::Tensor uniform_RB = draw_uniform(key, {draws, layout.sequences()}, layout.device());
  const at::Tensor start_RB = (uniform_RB * places_B).floor_();
  const at::Tensor start_RN = start_RB.index_select(1, layout.sequence_N);
  const at::Tensor end_RN = (start_RB + span_B).index_select(1, layout.sequence_N);
  return layout.position_N.lt(start_RN).bitwise_or_(layout.position_N.ge(end_RN));
}

/// Gives each (head, sequence) that lost all its keys the first one back.
void keep_first_where_all_lost(at::Tensor& keep_HN, const PackedLayout& layout) {
  const int64_t heads = keep_HN.size(0);
  const at::Tensor sequence_HN = layout.sequence_N.expand({heads, layout.rows()});
  const at::Tensor kept_HB = at::zeros({heads, layout.sequences()}, keep_HN.options().dtype(at::kInt))
                                 .scatter_add_(1, sequence_HN, keep_HN.to(at::kInt));
  const at::Tensor first_HB = keep_HN.index_select(1, layout.first_B).bitwise_or_(kept_HB.eq(0));
  keep_HN.index_copy_(1, layout.first_B, first_HB);
}

at::Tensor element_attention_keep(uint64_t key, double rate, int64_t heads, bool causal, const PackedLayout& layout) {
  const int64_t longest = layout.longest;
  at::Tensor keep_BHTS = draw_keep(key, {layout.sequences(), heads, longest, longest}, rate, layout.device());
  at::Tensor visible_BHTS = layout.valid_BT.view({-1, 1, 1, longest}).expand({-1, 1, longest, longest});
  if (causal) visible_BHTS = visible_BHTS.tril();
  const at::Tensor lost_BHT = keep_BHTS.bitwise_and(visible_BHTS).any(-1).bitwise_not_();
  at::Tensor fallback = causal ? keep_BHTS.diagonal(0, -2, -1) : keep_BHTS.select(-1, 0);
  fallback.bitwise_or_(lost_BHT);
  return keep_BHTS;
}

/// What the mask of a packed matrix is drawn from: rows of `width` units, `rows` of them a pass.
struct ElementMask {
  std::vector<int64_t> keys;  ///< one a pass
  std::vector<int64_t> on;    ///< 0 where the pass has dropout off
  at::Tensor row;             ///< int64, which row of the pass's packed matrix each row is; undefined: the same
  double rate = 0;

  void apply(const at::Tensor& in, const at::Tensor& out) const {
    const int64_t width = in.size(1), rows = in.size(0) / static_cast<int64_t>(keys.size());
    const int64_t* row_of = row.defined() ? row.const_data_ptr<int64_t>() : nullptr;
    const float* from = in.const_data_ptr<float>();
    float* to = out.data_ptr<float>();
    at::parallel_for(0, in.size(0), 1 + kGrain / width, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t pass = i / rows, place = i % rows;
        const int64_t first = (row_of == nullptr ? place : row_of[place]) * width;
        if (on[pass] != 0) {
          scale_kept(static_cast<uint64_t>(keys[pass]), first, width, rate, from + i * width, to + i * width);
        } else if (from != to) {
          std::copy_n(from + i * width, width, to + i * width);
        }
      }
    });
  }
};

/// Elements on the CPU: the mask is drawn while it is applied and drawn again in the backward pass, never stored.
class DropElements : public torch::autograd::Function<DropElements> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* ctx, const at::Tensor& x, const ElementMask& mask) {
    ctx->saved_data["keys"] = mask.keys;
    ctx->saved_data["on"] = mask.on;
    ctx->saved_data["rate"] = mask.rate;
    ctx->save_for_backward({mask.row});
    at::Tensor y = at::empty_like(x);
    mask.apply(x, y);
    return y;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx,
                                                 const torch::autograd::variable_list& grads) {
    const ElementMask mask{ctx->saved_data["keys"].toIntVector(), ctx->saved_data["on"].toIntVector(),
                           ctx->get_saved_variables()[0], ctx->saved_data["rate"].toDouble()};
    const at::Tensor grad = grads[0].contiguous();
    at::Tensor result = at::empty_like(grad);
    mask.apply(grad, result);
    return {result, at::Tensor()};
  }
};

at::Tensor drop_elements(const at::Tensor& x, const DropoutScope& scope, double rate, uint32_t position, int64_t layer,
                         Rows rows) {
  if (x.is_cpu() && x.scalar_type() == at::kFloat) {
    ElementMask mask;
    mask.rate = rate;
    if (rows == Rows::kPicked) mask.row = scope.layout->picked_P;
    for (const auto& draw : scope.passes) {
      mask.keys.push_back(static_cast<int64_t>(mask_key(draw.value_or(Draw{}), layer, position)));
      mask.on.push_back(draw ? 1 : 0);
    }
    return DropElements::apply(x.contiguous(), mask);
  }
  const double scale = 1.0 / (1.0 - rate);
  std::vector<at::Tensor> parts;
  for (std::size_t pass = 0; pass < scope.passes.size(); ++pass) {
    const int64_t size = x.size(0) / static_cast<int64_t>(scope.passes.size());
    const at::Tensor part = x.narrow(0, static_cast<int64_t>(pass) * size, size);
    if (!scope.passes[pass]) {
      parts.push_back(part);
      continue;
    }
    at::Tensor keep =
        draw_keep(mask_key(*scope.passes[pass], layer, position), {scope.layout->rows(), x.size(1)}, rate, x.device());
    if (rows == Rows::kPicked) keep = keep.index_select(0, scope.layout->picked_P);
    parts.push_back(part.mul(keep).mul(scale));
  }
  return parts.size() == 1 ? parts.front() : at::cat(parts);
}

}  // namespace

at::Tensor attention_keep(const DropoutScope& scope, const Site& site, Position position, int64_t layer, int64_t heads,
                          bool causal) {
  const PackedLayout& layout = *scope.layout;
  const auto key = [&](const Draw& draw) { return mask_key(draw, layer, static_cast<uint32_t>(position)); };
  if (site.pattern == Pattern::kElement) {
    return stack_passes(scope, 0, [&](const Draw& draw) {
      return element_attention_keep(key(draw), site.rate, heads, causal, layout);
    });
  }
  return stack_passes(scope, 1, [&](const Draw& draw) {
    at::Tensor keep_HN = site.pattern == Pattern::kSpan
                             ? span_keep(key(draw), heads, site.rate, layout)
                             : draw_keep(key(draw), {heads, layout.rows()}, site.rate, layout.device());
    if (!causal) keep_first_where_all_lost(keep_HN, layout);
    return keep_HN;
  });
}

at::Tensor drop_units(const at::Tensor& x, const DropoutScope& scope, const Site& site, uint32_t position,
                      int64_t layer, Rows rows) {
  if (site.pattern == Pattern::kElement) return drop_elements(x, scope, site.rate, position, layer, rows);
  const PackedLayout& layout = *scope.layout;
  const auto key = [&](const Draw& draw) { return mask_key(draw, layer, position); };
  const bool picked = rows == Rows::kPicked;
  const at::Tensor sequence = picked ? layout.sequence_N.index_select(0, layout.picked_P) : layout.sequence_N;
  const at::Tensor keep = stack_passes(scope, 0, [&](const Draw& draw) {
    if (site.pattern == Pattern::kColumn) {
      const at::Tensor keep_BD = draw_keep(key(draw), {layout.sequences(), x.size(1)}, site.rate, layout.device());
      return keep_BD.index_select(0, sequence);
    }
    const at::Tensor keep_N1 = span_keep(key(draw), 1, site.rate, layout).view({-1, 1});
    return picked ? keep_N1.index_select(0, layout.picked_P) : keep_N1;
  });
  // A pass without dropout keeps every unit and is not rescaled.
  const double scale = 1.0 / (1.0 - site.rate);
  if (scope.passes.size() == 1) return x.mul(keep).mul(scale);
  const int64_t size = x.size(0) / static_cast<int64_t>(scope.passes.size());
  at::Tensor scale_N1 = at::ones({x.size(0), 1}, x.options());
  for (std::size_t pass = 0; pass < scope.passes.size(); ++pass) {
    if (scope.passes[pass]) scale_N1.narrow(0, static_cast<int64_t>(pass) * size, size).fill_(scale);
  }
  return x.mul(keep).mul(scale_N1);
}

}  // namespace hiddenkey
