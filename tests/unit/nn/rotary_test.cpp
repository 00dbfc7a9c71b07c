#include "nn/rotary.h"

#include <gtest/gtest.h>

#include <cmath>

namespace hiddenkey {
namespace {

constexpr double kRounding = 1e-12;  // float64, of a few products each

Rotation at_positions(const std::vector<int64_t>& positions) {
  return rotation_at(at::tensor(positions, at::kLong), at::tensor({1.0, 0.25}, at::kDouble));
}

TEST(Rotary, PairsOfHalvesTurnByPositionTimesFrequency) {
  const at::Tensor x = at::tensor({1.0, 2.0, 3.0, 4.0}, at::kDouble).view({1, 4});
  const at::Tensor y = rotate(x, 1, at_positions({3}));
  const double cos1 = std::cos(3.0), sin1 = std::sin(3.0), cos2 = std::cos(0.75), sin2 = std::sin(0.75);
  const at::Tensor expected =
      at::tensor({cos1 - 3 * sin1, 2 * cos2 - 4 * sin2, 3 * cos1 + sin1, 4 * cos2 + 2 * sin2}, at::kDouble);
  EXPECT_LT((y.flatten() - expected).abs().max().item<double>(), kRounding);
  EXPECT_TRUE(rotate(x, 1, at_positions({0})).equal(x)) << "the first position stays";
}

TEST(Rotary, EachHeadTurnsAndWhatStandsBehindThemStays) {
  at::manual_seed(5);
  const at::Tensor x = at::randn({3, 11}, at::kDouble);
  const Rotation rotation = at_positions({0, 2, 5});
  const at::Tensor y = rotate(x, 2, rotation);
  EXPECT_TRUE(y.narrow(1, 8, 3).equal(x.narrow(1, 8, 3)));
  for (int64_t head = 0; head < 2; ++head) {
    const at::Tensor alone = rotate(x.narrow(1, 4 * head, 4), 1, rotation);
    EXPECT_TRUE(y.narrow(1, 4 * head, 4).equal(alone)) << head;
  }
}

TEST(Rotary, ItsGradientIsTheRotationBack) {
  at::manual_seed(6);
  const at::Tensor x = at::randn({3, 6}, at::kDouble).set_requires_grad(true), dy = at::randn({3, 6}, at::kDouble);
  const Rotation rotation = at_positions({1, 2, 7});
  rotate(x, 1, rotation).backward(dy);
  const at::Tensor back = rotate(x.grad(), 1, rotation);
  EXPECT_LT((back - dy).abs().max().item<double>(), kRounding);
}

TEST(Rotary, SomeRowsTurnAsTheyDoAmongAll) {
  at::manual_seed(7);
  const at::Tensor x = at::randn({4, 4}, at::kDouble), rows = at::tensor({3, 1}, at::kLong);
  const Rotation rotation = at_positions({0, 1, 2, 3});
  EXPECT_TRUE(
      rotate(x.index_select(0, rows), 1, rows_of(rotation, rows)).equal(rotate(x, 1, rotation).index_select(0, rows)));
}

}  // namespace
}  // namespace hiddenkey
