#include "nn/linear.h"

#include <gtest/gtest.h>

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
  const at::Tensor out = linear.forward(x, DropoutScope(), 0);
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

}  // namespace
}  // namespace hiddenkey
