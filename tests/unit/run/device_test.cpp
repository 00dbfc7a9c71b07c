#include "run/device.h"

#include <gtest/gtest.h>

namespace hiddenkey {
namespace {

BaseType settled(BaseType dtype, Method method) {
  RunConfig config;
  config.model.dtype = dtype;
  config.method = method;
  settle_dtype(config, at::kCPU);
  return config.model.dtype;
}

TEST(Precision, ACpuTakesFloat32UnlessItIsTold) {
  EXPECT_EQ(settled(BaseType::kAuto, Method::kLora), BaseType::kFloat32);
  EXPECT_EQ(settled(BaseType::kAuto, Method::kFull), BaseType::kFloat32);
  EXPECT_EQ(settled(BaseType::kBFloat16, Method::kLora), BaseType::kBFloat16);
}

}  // namespace
}  // namespace hiddenkey
