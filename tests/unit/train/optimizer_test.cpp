#include "train/optimizer.h"

#include <gtest/gtest.h>

namespace hiddenkey {
namespace {

TEST(AdamW, AStepTellsWhoeverKeepsCopiesThatATensorHasChanged) {
  const at::Tensor decayed = at::ones({2}).set_requires_grad(true), plain = at::ones({2}).set_requires_grad(true);
  AdamW optimizer({{"decayed", decayed}, {"plain", plain}}, TrainingConfig(), {"plain"});
  for (const at::Tensor& tensor : {decayed, plain}) tensor.mutable_grad() = at::ones({2});
  const auto before = std::pair(decayed._version(), plain._version());
  optimizer.step(1e-3, at::ones({}));
  EXPECT_GT(decayed._version(), before.first);
  EXPECT_GT(plain._version(), before.second);
  EXPECT_FALSE(decayed.equal(at::ones({2})));
}

}  // namespace
}  // namespace hiddenkey
