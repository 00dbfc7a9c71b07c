#include "nn/linear.h"

#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "kernels/matmul.h"

namespace hiddenkey {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// What one term adds to which outputs: scaling * low B^T, where low is the group's x A^T.
struct Term {
  at::Tensor b_OR;   ///< as products take it
  int64_t rank = 0;  ///< without what it is filled up with
  double scaling = 1;
  int64_t offset = 0;
};

/// Which outputs of a term lie among those that are asked for.
struct Span {
  int64_t first = 0;  ///< of the term's outputs
  int64_t count = 0;
  int64_t offset = 0;  ///< where they lie among those that are asked for

  /// Nothing where none of the term's outputs does.
  static std::optional<Span> of(const LowRank& term, Outputs all) {
    const int64_t begin = std::max(all.begin, term.offset), end = std::min(all.end, term.offset + term.outputs());
    return begin < end ? std::make_optional(Span{begin - term.offset, end - begin, begin - all.begin}) : std::nullopt;
  }
  at::Tensor rows(const at::Tensor& of_term) const {
    return count == of_term.size(0) ? of_term : of_term.narrow(0, first, count);
  }
};

/// Terms that read the same input.
struct Group {
  at::Tensor a_SI;  ///< of all its terms, below each other
  std::vector<Term> terms;
};

/// What the backward pass needs beside the layer's input and weight, of all groups.
struct SavedTerms : torch::CustomClassHolder {
  explicit SavedTerms(std::vector<Group> all) : groups(std::move(all)) {}
  std::vector<Group> groups;
};

/// x W^T + b and the terms. `inputs` holds each group's own input, or nothing where the one group reads x. The factors
/// a_RI and b_OR that are trained are given for the tape, in the order of the terms.
class LinearFunction : public torch::autograd::Function<LinearFunction> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x_NI, const at::Tensor& weight_OI,
                            const std::optional<at::Tensor>& bias_O, at::TensorList inputs, at::TensorList a_RI,
                            at::TensorList /*b_OR*/, const std::vector<Group>& groups) {
    const at::AutoDispatchBelowADInplaceOrView guard;
    at::Tensor y_NO = linear_product(x_NI, weight_OI, bias_O);
    // A frozen weight without terms needs no input for its backward pass: none is kept alive.
    const bool keeps_x = weight_OI.requires_grad() || !a_RI.empty();
    variable_list saved{keeps_x ? x_NI : at::Tensor(), weight_OI};
    for (std::size_t g = 0; g < groups.size(); ++g) {
      const at::Tensor& input = inputs.empty() ? x_NI : inputs[g];
      const at::Tensor low_NS = linear_product(input, groups[g].a_SI);
      int64_t place = 0;
      for (const Term& term : groups[g].terms) {
        const at::Tensor low_NR = low_NS.narrow(1, place, term.b_OR.size(1));
        y_NO.narrow(1, term.offset, term.b_OR.size(0)).addmm_(low_NR, term.b_OR.t(), 1, term.scaling);
        place += term.b_OR.size(1);
      }
      saved.insert(saved.end(), {input, low_NS});
    }
    ctx->save_for_backward(std::move(saved));
    ctx->saved_data["terms"] = c10::IValue::make_capsule(c10::make_intrusive<SavedTerms>(groups));
    ctx->saved_data["own_inputs"] = !inputs.empty();
    ctx->saved_data["bias"] = bias_O.has_value();
    return y_NO;
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    const variable_list saved = ctx->get_saved_variables();
    const auto capsule = ctx->saved_data["terms"].toCapsule();
    const std::vector<Group>& groups = static_cast<const SavedTerms&>(*capsule).groups;
    const bool own_inputs = ctx->saved_data["own_inputs"].toBool();
    const bool has_bias = ctx->saved_data["bias"].toBool();
    const at::Tensor &x_NI = saved[0], &weight_OI = saved[1], &dy_NO = grads[0];

    // The tape numbers the tensors that forward got: x, weight, bias (where given), inputs, a, b.
    const std::size_t first_input = has_bias ? 3 : 2;
    const std::size_t first_a = first_input + (own_inputs ? groups.size() : 0);
    at::Tensor dx_NI, dweight_OI, dbias_O;
    const bool needs_x = ctx->needs_input_grad(0);
    if (needs_x) dx_NI = product(dy_NO, weight_OI);
    if (ctx->needs_input_grad(1)) dweight_OI = product(dy_NO.t(), x_NI);
    if (has_bias && ctx->needs_input_grad(2)) dbias_O = dy_NO.sum(0);
    variable_list dinputs, da, db;
    for (std::size_t g = 0; g < groups.size(); ++g) {
      const bool trains = ctx->needs_input_grad(first_a + da.size());
      const at::Tensor dlow_NS = add_factors(groups[g], saved[2 + 2 * g], saved[3 + 2 * g], dy_NO, trains, da, db);
      if (own_inputs) {
        const bool needed = ctx->needs_input_grad(first_input + g);
        dinputs.push_back(needed ? product(dlow_NS, groups[g].a_SI) : at::Tensor());
      } else if (needs_x) {
        dx_NI.addmm_(dlow_NS, groups[g].a_SI);
      }
    }
    variable_list result{dx_NI, dweight_OI, dbias_O};
    for (const variable_list* part : {&dinputs, &da, &db}) result.insert(result.end(), part->begin(), part->end());
    result.resize(result.size() + 1);  // the groups have none
    return result;
  }

 private:
  /// Appends the gradients of a group's factors, which are undefined unless it `trains`, and gives that of x A^T.
  static at::Tensor add_factors(const Group& group, const at::Tensor& input_NI, const at::Tensor& low_NS,
                                const at::Tensor& dy_NO, bool trains, variable_list& da, variable_list& db) {
    at::Tensor dlow_NS = at::empty({dy_NO.size(0), group.a_SI.size(0)}, dy_NO.options());
    int64_t place = 0;
    for (const Term& term : group.terms) {
      const int64_t rank = term.b_OR.size(1);
      const at::Tensor dslice_NO = dy_NO.narrow(1, term.offset, term.b_OR.size(0));
      dlow_NS.narrow(1, place, rank).addmm_(dslice_NO, term.b_OR, 0, term.scaling);
      const at::Tensor low_NR = low_NS.narrow(1, place, rank);
      db.push_back(trains ? wide_product(dslice_NO.t(), low_NR).mul_(term.scaling).narrow(1, 0, term.rank)
                          : at::Tensor());
      place += rank;
    }
    const at::Tensor da_SI = trains ? wide_product(dlow_NS.t(), input_NI) : at::Tensor();
    place = 0;
    for (const Term& term : group.terms) {
      da.push_back(trains ? da_SI.narrow(0, place, term.rank) : at::Tensor());
      place += term.b_OR.size(1);
    }
    return dlow_NS;
  }
};

}  // namespace

int64_t Linear::offset_of(int64_t part) const {
  return std::accumulate(widths.begin(), widths.begin() + part, int64_t{0});
}

at::Tensor Linear::forward(const at::Tensor& x_NI, const LayerPass& pass) const {
  return forward_part(x_NI, 0, static_cast<int64_t>(widths.size()), pass);
}

at::Tensor Linear::forward_part(const at::Tensor& x_NI, int64_t first, int64_t count, const LayerPass& pass) const {
  const Outputs outputs{offset_of(first), offset_of(first + count)};
  if (!adapters.empty()) copies.follow(adapters, weight_OI);
  std::vector<std::size_t> used;
  bool drops = false, has_magnitudes = false;
  for (std::size_t i = 0; i < adapters.size(); ++i) {
    if (!Span::of(adapters[i], outputs)) continue;
    used.push_back(i);
    drops = drops || (pass.scope.plan != nullptr && adapters[i].dropout > 0);
    has_magnitudes = has_magnitudes || adapters[i].magnitude_O.defined();
  }
  if (has_magnitudes)
    std::sort(used.begin(), used.end(), [&](auto i, auto k) { return adapters[i].offset < adapters[k].offset; });
  std::vector<at::Tensor> inputs;
  for (std::size_t k = 0; drops && k < used.size(); ++k) {
    const LowRank& term = adapters[used[k]];
    const Site site{term.dropout, Pattern::kElement};
    const MaskAddress address{Position::kLoraInput, term.number};
    inputs.push_back(term.dropout > 0 ? drop_units(x_NI, pass, address, site) : x_NI);
  }
  if (!has_magnitudes) return with_terms(x_NI, outputs, bias_of(outputs), used, inputs);
  return drops ? with_magnitudes_apart(x_NI, outputs, used, inputs) : with_magnitudes(x_NI, outputs, used);
}

std::optional<at::Tensor> Linear::bias_of(Outputs outputs) const {
  if (!bias_O.defined()) return std::nullopt;
  return bias_O.narrow(0, outputs.begin, outputs.end - outputs.begin);
}

at::Tensor Linear::with_terms(const at::Tensor& x_NI, Outputs outputs, const std::optional<at::Tensor>& bias,
                              const std::vector<std::size_t>& used, const std::vector<at::Tensor>& inputs) const {
  std::vector<at::Tensor> a_RI, b_OR;
  std::vector<Group> groups;
  for (const std::size_t i : used) {
    const LowRank& term = adapters[i];
    if (!inputs.empty() || groups.empty()) groups.push_back({copies.a_of(inputs.empty() ? used : std::vector{i}), {}});
    const Span span = *Span::of(term, outputs);
    groups.back().terms.push_back({span.rows(copies.b_of(i)), term.a_RI.size(0), term.scaling, span.offset});
    a_RI.push_back(term.a_RI);
    b_OR.push_back(span.rows(term.b_OR));
  }
  return LinearFunction::apply(x_NI, weight_OI.narrow(0, outputs.begin, outputs.end - outputs.begin), bias,
                               at::TensorList(inputs), at::TensorList(a_RI), at::TensorList(b_OR), groups);
}

at::Tensor Linear::magnitude_over_norm(std::size_t term, Outputs outputs) const {
  const Span span = *Span::of(adapters[term], outputs);
  const at::Tensor& magnitude_O = adapters[term].magnitude_O;
  return (span.rows(magnitude_O) / span.rows(copies.norm_of(term))).to(weight_OI.scalar_type());
}

at::Tensor Linear::with_magnitudes(const at::Tensor& x_NI, Outputs outputs,
                                   const std::vector<std::size_t>& used) const {
  const at::Tensor z_NO = with_terms(x_NI, outputs, std::nullopt, used, {});
  std::vector<at::Tensor> scales;
  int64_t place = outputs.begin;
  const auto leave_until = [&](int64_t end) {
    if (place < end) scales.push_back(at::ones({end - place}, z_NO.options().requires_grad(false)));
  };
  for (const std::size_t i : used) {
    leave_until(std::max(outputs.begin, adapters[i].offset));
    scales.push_back(magnitude_over_norm(i, outputs));
    place = std::min(outputs.end, adapters[i].offset + adapters[i].outputs());
  }
  leave_until(outputs.end);
  const at::Tensor scale_O = scales.size() == 1 ? scales.front() : at::cat(scales);
  const std::optional<at::Tensor> bias = bias_of(outputs);
  return bias ? at::addcmul(*bias, z_NO, scale_O) : z_NO * scale_O;
}

at::Tensor Linear::with_magnitudes_apart(const at::Tensor& x_NI, Outputs outputs, const std::vector<std::size_t>& used,
                                         const std::vector<at::Tensor>& inputs) const {
  std::vector<at::Tensor> parts;
  int64_t place = outputs.begin;
  const auto leave_until = [&](int64_t end) {
    if (place < end) parts.push_back(with_terms(x_NI, {place, end}, bias_of({place, end}), {}, {}));
  };
  for (std::size_t k = 0; k < used.size(); ++k) {
    const LowRank& term = adapters[used[k]];
    const Outputs own{std::max(outputs.begin, term.offset), std::min(outputs.end, term.offset + term.outputs())};
    leave_until(own.begin);
    const at::Tensor adapted_NO = with_terms(inputs[k], own, std::nullopt, {used[k]}, {});
    const at::Tensor rest_NO = with_terms(x_NI - inputs[k], own, bias_of(own), {}, {});
    parts.push_back(at::addcmul(rest_NO, adapted_NO, magnitude_over_norm(used[k], own)));
    place = own.end;
  }
  leave_until(outputs.end);
  return parts.size() == 1 ? parts.front() : at::cat(parts, 1);
}

}  // namespace hiddenkey
