#include "nn/linear.h"

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

namespace hiddenkey {
namespace {

struct Result {
  at::Tensor out, dx, da, db;
};

/// A layer with one adapter of `rank`, whose last rows are zero where `filled` is more.
Result run(at::ScalarType type, int64_t rank, int64_t filled) {
  at::manual_seed(2);
  const at::Tensor x = at::randn({7, 16}).to(type).set_requires_grad(true);
  Linear linear{at::randn({12, 16}).to(type), at::Tensor(), {12}, {}};
  const at::Tensor a = at::zeros({filled, 16}), b = at::zeros({12, filled});
  a.narrow(0, 0, rank).copy_(at::randn({rank, 16}));
  b.narrow(1, 0, rank).copy_(at::randn({12, rank}));
  linear.adapters = {{a.set_requires_grad(true), b.set_requires_grad(true), 0.5}};
  const at::Tensor out = linear.forward(x, {DropoutScope()});
  out.backward(at::randn({7, 12}).to(type));
  return {out.detach(), x.grad(), a.grad().narrow(0, 0, rank), b.grad().narrow(1, 0, rank)};
}

TEST(Linear, ASmallRankInHalfPrecisionIsFilledUpWithoutAChange) {
  for (const int64_t rank : {1, 4, 8, 9}) {
    const Result small = run(at::kBFloat16, rank, rank), whole = run(at::kBFloat16, rank, 16);
    EXPECT_TRUE(small.out.equal(whole.out)) << rank;
    EXPECT_TRUE(small.dx.equal(whole.dx)) << rank;
    EXPECT_TRUE(small.da.equal(whole.da)) << rank;
    EXPECT_TRUE(small.db.equal(whole.db)) << rank;
    EXPECT_EQ(small.da.scalar_type(), at::kFloat);
  }
}

TEST(Linear, HalfPrecisionStaysNearFloat32) {
  const Result half = run(at::kBFloat16, 4, 4), single = run(at::kFloat, 4, 4);
  const auto error = [](const at::Tensor& a, const at::Tensor& b) {
    return ((a.to(at::kFloat) - b).norm() / b.norm()).item<double>();
  };
  // Each of a few roundings is of 2^-9, the 8 bits of a bfloat16.
  EXPECT_LT(error(half.out, single.out), 0.01);
  EXPECT_LT(error(half.dx, single.dx), 0.01);
  EXPECT_LT(error(half.da, single.da), 0.01);
  EXPECT_LT(error(half.db, single.db), 0.01);
}

/// Query, key and value of 4 outputs each, with adapters of rank 3 on the value and of rank 2 on the query.
struct Adapted {
  Linear linear;
  at::Tensor x = at::randn({7, 6}, at::kDouble).set_requires_grad(true);

  Adapted() {
    at::manual_seed(3);
    const auto factor = [](int64_t rows, int64_t columns) {
      return at::randn({rows, columns}, at::kDouble).set_requires_grad(true);
    };
    linear.weight_OI = at::randn({12, 6}, at::kDouble);
    linear.bias_O = at::randn({12}, at::kDouble);
    linear.widths = {4, 4, 4};
    linear.adapters = {{factor(3, 6), factor(4, 3), 0.5, 8}, {factor(2, 6), factor(4, 2), 2.0, 0}};
  }

  /// The formula, of what a part of the layers gives.
  at::Tensor expected(int64_t begin, int64_t outputs) const {
    at::Tensor y = at::linear(x, linear.weight_OI, linear.bias_O);
    for (const LowRank& term : linear.adapters) {
      const at::Tensor added = at::linear(at::linear(x, term.a_RI), term.b_OR) * term.scaling;
      y = y + at::constant_pad_nd(added, {term.offset, 8 - term.offset});
    }
    return y.narrow(1, begin, outputs);
  }

  std::vector<at::Tensor> gradients(const at::Tensor& y) const {
    const at::Tensor dy = at::sin(at::arange(y.numel(), y.options())).view_as(y);
    std::vector<at::Tensor> inputs{x};
    for (const LowRank& term : linear.adapters) {
      inputs.insert(inputs.end(), {term.a_RI, term.b_OR});
      if (term.magnitude_O.defined()) inputs.push_back(term.magnitude_O);
    }
    return torch::autograd::grad({y}, inputs, {dy}, std::nullopt, false, /*allow_unused=*/true);
  }

  void expect_same(const at::Tensor& y, const at::Tensor& formula) const {
    EXPECT_TRUE(y.allclose(formula, 1e-12, 1e-12));
    const std::vector<at::Tensor> found = gradients(y), wanted = gradients(formula);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      // What a part does not read has no gradient from it; the formula's is zero.
      EXPECT_TRUE(found[i].defined() ? found[i].allclose(wanted[i], 1e-12, 1e-12) : wanted[i].eq(0).all().item<bool>())
          << i;
    }
  }
};

TEST(Linear, TermsThatShareAnInputGiveTheFormulasOutputsAndGradients) {
  const Adapted adapted;
  adapted.expect_same(adapted.linear.forward(adapted.x, {DropoutScope()}), adapted.expected(0, 12));
}

TEST(Linear, APartHasItsOwnTermsAlone) {
  const Adapted adapted;
  const auto part = [&](int64_t first, int64_t count) {
    return adapted.linear.forward_part(adapted.x, first, count, {DropoutScope()});
  };
  adapted.expect_same(part(0, 1), adapted.expected(0, 4));
  adapted.expect_same(part(1, 2), adapted.expected(4, 8));
}

TEST(Linear, TermsWhoseInputsDropKeepTheirOwn) {
  Adapted adapted;
  const PackedLayout layout = make_layout({0, 7}, at::kCPU);
  DropoutPlan plan;
  const DropoutScope scope{&plan, &layout, {Draw{9}}};
  for (LowRank& term : adapted.linear.adapters) term.dropout = 0.3;
  at::Tensor y = at::linear(adapted.x, adapted.linear.weight_OI, adapted.linear.bias_O);
  for (const LowRank& term : adapted.linear.adapters) {
    const at::Tensor input =
        drop_units(adapted.x, {scope}, {Position::kLoraInput, term.number}, Site{0.3, Pattern::kElement});
    const at::Tensor added = at::linear(at::linear(input, term.a_RI), term.b_OR) * term.scaling;
    y = y + at::constant_pad_nd(added, {term.offset, 8 - term.offset});
  }
  adapted.expect_same(adapted.linear.forward(adapted.x, {scope}), y);
}

TEST(Linear, AFactorThatChangesIsCopiedAnew) {
  Adapted adapted;
  (void)adapted.linear.forward(adapted.x, {DropoutScope()});
  {
    const at::NoGradGuard guard;
    adapted.linear.adapters[1].b_OR.mul_(3);
  }
  adapted.expect_same(adapted.linear.forward(adapted.x, {DropoutScope()}), adapted.expected(0, 12));
  adapted.linear.adapters[0].a_RI = at::randn({3, 6}, at::kDouble).set_requires_grad(true);
  adapted.expect_same(adapted.linear.forward(adapted.x, {DropoutScope()}), adapted.expected(0, 12));
}

/// The same terms with magnitudes.
struct WithMagnitudes : Adapted {
  WithMagnitudes() {
    for (LowRank& term : linear.adapters)
      term.magnitude_O = at::rand({4}, at::kDouble).add(0.5).set_requires_grad(true);
  }

  /// PEFT's formula, x W^T + b + (s - 1) x' W^T + s scaling x' A^T B^T, where s is the magnitude over the norm of the
  /// rows of W + scaling B A, of which no gradient is taken. `dropped` gives x' of a term.
  template <class Dropped>
  at::Tensor formula(int64_t begin, int64_t outputs, const Dropped& dropped) const {
    at::Tensor y = at::linear(x, linear.weight_OI, linear.bias_O);
    for (const LowRank& term : linear.adapters) {
      const at::Tensor w = linear.weight_OI.narrow(0, term.offset, 4), input = dropped(term);
      const at::Tensor norm = (w + term.scaling * at::matmul(term.b_OR, term.a_RI)).pow(2).sum(1).sqrt().detach();
      const at::Tensor s = term.magnitude_O / norm;
      const at::Tensor low = at::linear(at::linear(input, term.a_RI), term.b_OR) * term.scaling;
      y = y + at::constant_pad_nd((s - 1) * at::linear(input, w) + s * low, {term.offset, 8 - term.offset});
    }
    return y.narrow(1, begin, outputs);
  }
  at::Tensor formula(int64_t begin, int64_t outputs) const {
    return formula(begin, outputs, [&](const LowRank&) { return x; });
  }
};

TEST(Dora, MagnitudesScaleTheAdaptedRowsAndTheirNormsHaveNoGradient) {
  const WithMagnitudes adapted;
  adapted.expect_same(adapted.linear.forward(adapted.x, {DropoutScope()}), adapted.formula(0, 12));
}

TEST(Dora, ALayerWithoutABiasAndAPartOfALayerFollowTheFormula) {
  WithMagnitudes adapted;
  const auto part = [&](int64_t first, int64_t count) {
    return adapted.linear.forward_part(adapted.x, first, count, {DropoutScope()});
  };
  adapted.expect_same(part(0, 1), adapted.formula(0, 4));
  adapted.expect_same(part(1, 2), adapted.formula(4, 8));
  adapted.linear.bias_O = at::Tensor();
  EXPECT_TRUE(adapted.linear.forward(adapted.x, {DropoutScope()}).allclose(adapted.formula(0, 12), 1e-12, 1e-12));
}

TEST(Dora, ADroppedInputIsTheBasesToo) {
  WithMagnitudes adapted;
  const PackedLayout layout = make_layout({0, 7}, at::kCPU);
  DropoutPlan plan;
  const DropoutScope scope{&plan, &layout, {Draw{9}}};
  for (LowRank& term : adapted.linear.adapters) {
    term.dropout = 0.3;
    term.number = static_cast<uint32_t>(term.offset);
  }
  const auto dropped = [&](const LowRank& term) {
    return drop_units(adapted.x, {scope}, {Position::kLoraInput, term.number}, Site{0.3, Pattern::kElement});
  };
  adapted.expect_same(adapted.linear.forward(adapted.x, {scope}), adapted.formula(0, 12, dropped));
}

TEST(Dora, ANormFollowsItsFactors) {
  WithMagnitudes adapted;
  (void)adapted.linear.forward(adapted.x, {DropoutScope()});
  {
    const at::NoGradGuard guard;
    adapted.linear.adapters[1].b_OR.mul_(3);
    adapted.linear.adapters[0].magnitude_O.mul_(2);
  }
  adapted.expect_same(adapted.linear.forward(adapted.x, {DropoutScope()}), adapted.formula(0, 12));
}

}  // namespace
}  // namespace hiddenkey
