#include "nn/linear.h"

#include <torch/csrc/autograd/custom_function.h>

#include <numeric>

#include "nn/matmul.h"

namespace hiddenkey {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kRankStep = 8;

/// A or B as the base computes: a copy where its type is another. In half precision the rank dimension is filled up
/// with zeros, since 16 bytes a row are the least that tensor cores take.
at::Tensor as_base(const at::Tensor& factor, int64_t rank_dimension, const at::Tensor& base) {
  if (factor.scalar_type() == base.scalar_type()) return factor;
  const int64_t missing = (kRankStep - factor.size(rank_dimension) % kRankStep) % kRankStep;
  const at::Tensor copy = factor.to(base.scalar_type());
  if (missing == 0) return copy;
  return at::constant_pad_nd(
      copy, rank_dimension == 0 ? std::vector<int64_t>{0, 0, 0, missing} : std::vector<int64_t>{0, missing});
}

/// x W^T + b, plus for each term s * x_i A^T B^T on its slice of the outputs. `inputs` holds each term's own input, or
/// nothing where all of them read x.
class LinearFunction : public torch::autograd::Function<LinearFunction> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x_NI, const at::Tensor& weight_OI,
                            const std::optional<at::Tensor>& bias_O, at::TensorList inputs, at::TensorList a_RI,
                            at::TensorList b_OR, const std::vector<double>& scalings,
                            const std::vector<int64_t>& offsets) {
    const at::AutoDispatchBelowADInplaceOrView guard;
    at::Tensor y_NO = linear_product(x_NI, weight_OI, bias_O);
    // A frozen weight without terms needs no input for its backward pass: none is kept alive.
    const bool keeps_x = weight_OI.requires_grad() || !a_RI.empty();
    variable_list saved{keeps_x ? x_NI : at::Tensor(), weight_OI};
    for (std::size_t i = 0; i < a_RI.size(); ++i) {
      const at::Tensor& input = inputs.empty() ? x_NI : inputs[i];
      const at::Tensor a = as_base(a_RI[i], 0, y_NO), b = as_base(b_OR[i], 1, y_NO);
      const at::Tensor low_NR = linear_product(input, a);
      y_NO.narrow(1, offsets[i], b.size(0)).addmm_(low_NR, b.t(), 1, scalings[i]);
      saved.insert(saved.end(), {input, a_RI[i], b_OR[i], low_NR});
    }
    ctx->save_for_backward(std::move(saved));
    ctx->saved_data["scalings"] = scalings;
    ctx->saved_data["offsets"] = offsets;
    ctx->saved_data["own_inputs"] = !inputs.empty();
    ctx->saved_data["bias"] = bias_O.has_value();
    return y_NO;
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    const variable_list saved = ctx->get_saved_variables();
    const std::vector<double> scalings = ctx->saved_data["scalings"].toDoubleVector();
    const std::vector<int64_t> offsets = ctx->saved_data["offsets"].toIntVector();
    const bool own_inputs = ctx->saved_data["own_inputs"].toBool();
    const bool has_bias = ctx->saved_data["bias"].toBool();
    const std::size_t count = scalings.size();
    const at::Tensor& x_NI = saved[0];
    const at::Tensor& weight_OI = saved[1];
    const at::Tensor& dy_NO = grads[0];

    // The tape numbers the tensors that forward got: x, weight, bias (where given), inputs, a, b.
    const std::size_t first_input = has_bias ? 3 : 2;
    const std::size_t first_a = first_input + (own_inputs ? count : 0);
    const std::size_t first_b = first_a + count;
    at::Tensor dx_NI, dweight_OI, dbias_O;
    variable_list dinputs(own_inputs ? count : 0), da(count), db(count);
    const bool needs_x = ctx->needs_input_grad(0);
    if (needs_x) dx_NI = product(dy_NO, weight_OI);
    if (ctx->needs_input_grad(1)) dweight_OI = product(dy_NO.t(), x_NI);
    if (has_bias && ctx->needs_input_grad(2)) dbias_O = dy_NO.sum(0);
    for (std::size_t i = 0; i < count; ++i) {
      const at::Tensor& input = saved[2 + 4 * i];
      const at::Tensor& a_RI = saved[3 + 4 * i];
      const at::Tensor& b_OR = saved[4 + 4 * i];
      const at::Tensor& low_NR = saved[5 + 4 * i];
      const at::Tensor dslice = dy_NO.narrow(1, offsets[i], b_OR.size(0));
      const int64_t rank = a_RI.size(0);
      const at::Tensor dlow_NR = product(dslice, as_base(b_OR, 1, dy_NO)).mul_(scalings[i]);
      if (ctx->needs_input_grad(first_b + i))
        db[i] = wide_product(low_NR.t(), dslice).t().narrow(1, 0, rank).mul(scalings[i]).to(b_OR.scalar_type());
      if (ctx->needs_input_grad(first_a + i))
        da[i] = wide_product(dlow_NR.t(), input).narrow(0, 0, rank).to(a_RI.scalar_type());
      const at::Tensor a = as_base(a_RI, 0, dy_NO);
      if (own_inputs && ctx->needs_input_grad(first_input + i)) dinputs[i] = product(dlow_NR, a);
      if (!own_inputs && needs_x) dx_NI.addmm_(dlow_NR, a);
    }
    variable_list result{dx_NI, dweight_OI, dbias_O};
    for (const variable_list* part : {&dinputs, &da, &db}) result.insert(result.end(), part->begin(), part->end());
    result.resize(result.size() + 2);  // the scalings and offsets have none
    return result;
  }
};

}  // namespace

int64_t Linear::offset_of(int64_t part) const {
  return std::accumulate(widths.begin(), widths.begin() + part, int64_t{0});
}

at::Tensor Linear::forward(const at::Tensor& x_NI, const DropoutScope& scope, int64_t layer, Rows rows) const {
  return forward_part(x_NI, 0, static_cast<int64_t>(widths.size()), scope, layer, rows);
}

at::Tensor Linear::forward_part(const at::Tensor& x_NI, int64_t first, int64_t count, const DropoutScope& scope,
                                int64_t layer, Rows rows) const {
  const int64_t begin = offset_of(first), end = offset_of(first + count);
  std::vector<at::Tensor> inputs, a_RI, b_OR;
  std::vector<double> scalings;
  std::vector<int64_t> offsets;
  bool drops = false;
  for (const LowRank& term : adapters) {
    if (term.offset < begin || term.offset >= end) continue;
    const bool drop = scope.plan != nullptr && term.dropout > 0;
    drops = drops || drop;
    inputs.push_back(
        drop ? drop_units(x_NI, scope, Site{term.dropout, Pattern::kElement}, term.mask_position, layer, rows) : x_NI);
    a_RI.push_back(term.a_RI);
    b_OR.push_back(term.b_OR);
    scalings.push_back(term.scaling);
    offsets.push_back(term.offset - begin);
  }
  if (!drops) inputs.clear();
  const std::optional<at::Tensor> bias =
      bias_O.defined() ? std::make_optional(bias_O.narrow(0, begin, end - begin)) : std::nullopt;
  return LinearFunction::apply(x_NI, weight_OI.narrow(0, begin, end - begin), bias, at::TensorList(inputs),
                               at::TensorList(a_RI), at::TensorList(b_OR), scalings, offsets);
}

}  // namespace hiddenkey
