#include "kernels/keep_masks.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/split_mix.h"
#include "kernels/philox.h"
#include "kernels/reference/keep_masks.h"

// What callers are given, on the CPU and on the `meta` device.
namespace hiddenkey {
namespace {

constexpr uint64_t kKey = 0xFEDCBA9876543210U;

TEST(MaskKeys, AreMixedFromTheAddressByOneChain) {
  uint64_t key = SplitMix(42).next();
  for (const uint64_t part : {uint64_t{7}, uint64_t{3}, uint64_t{1}, uint64_t{11}, uint64_t{16}}) {
    key = SplitMix(key ^ part).next();
  }
  EXPECT_EQ(mix_mask_key(42, 7, 3, 1, 11, 16), key);
  EXPECT_EQ(host_key(key), key);
  EXPECT_EQ(host_key({at::tensor({int64_t{42}, int64_t{7}, int64_t{3}, int64_t{1}}), 11, 16}), key);
  EXPECT_THROW(host_key({at::empty({4}, at::TensorOptions(at::kMeta).dtype(at::kLong)), 11, 16}), Error);
}

TEST(KeepMasks, AreThoseOfPhiloxHoweverManyThreadsDraw) {
  // Three times the share of one thread and a bit.
  constexpr int64_t kRows = 3, kWidth = (1 << 14) + 5;
  const at::Tensor keep = draw_keep(kKey, {kRows, kWidth}, 0.3, at::kCPU);
  const at::Tensor uniform = draw_uniform(kKey, {kRows, kWidth}, at::kCPU);
  at::Tensor keep_alone = at::empty({kRows, kWidth}, at::kBool), uniform_alone = at::empty({kRows, kWidth});
  draw_keep(kKey, 0, kRows * kWidth, 0.3, static_cast<uint8_t*>(keep_alone.data_ptr()));
  draw_uniform(kKey, 0, kRows * kWidth, uniform_alone.data_ptr<float>());
  EXPECT_TRUE(keep.equal(keep_alone));
  EXPECT_TRUE(uniform.equal(uniform_alone));
  EXPECT_EQ(draw_keep(kKey, {0, 4}, 0.3, at::kCPU).numel(), 0);
}

TEST(KeepMasks, HaveAShapeOnMeta) {
  const at::Device meta = at::kMeta;
  EXPECT_EQ(draw_keep(kKey, {3, 5}, 0.5, meta).sizes(), at::IntArrayRef({3, 5}));
  EXPECT_EQ(draw_keep(kKey, {3, 5}, 0.5, meta).scalar_type(), at::kBool);
  EXPECT_EQ(draw_uniform(kKey, {2, 2}, meta).scalar_type(), at::kFloat);
}

/// Two passes with a key and one without, whole or three rows of it.
UnitMask mask_of(bool picked) {
  UnitMask mask{{kKey, std::nullopt, uint64_t{2}}, {}, 50, 0.3};
  if (picked) mask.row_P = at::tensor({int64_t{49}, int64_t{0}, int64_t{7}});
  return mask;
}

TEST(ScaleKept, IsWhatTheReferenceComputes) {
  at::manual_seed(1);
  for (const bool picked : {false, true}) {
    const at::Tensor in = at::randn({3 * (picked ? 3 : 50), 700});
    const at::Tensor out = scale_kept(in, mask_of(picked)), expected = reference::scale_kept(in, mask_of(picked));
    EXPECT_TRUE(out.equal(expected));
    EXPECT_TRUE(out.narrow(0, in.size(0) / 3, 3).equal(in.narrow(0, in.size(0) / 3, 3)));  // the pass without a key
    EXPECT_TRUE(out.eq(0).any().item<bool>());
  }
}

TEST(ScaleKept, TakesFloat32OnTheCpu) {
  const at::Tensor x = at::ones({3, 4});
  EXPECT_TRUE(scales_while_drawing(x));
  for (const at::Tensor& other : {x.to(at::kDouble), x.to(at::kBFloat16), x.to(at::kMeta)}) {
    EXPECT_FALSE(scales_while_drawing(other));
    EXPECT_THROW(scale_kept(other, mask_of(false)), Error);
  }
}

}  // namespace
}  // namespace hiddenkey
