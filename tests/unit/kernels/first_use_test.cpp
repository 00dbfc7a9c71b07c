#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "kernels/cuda/kernels.h"
#include "kernels/cuda/self_test.h"
#include "support/emulated_keep_masks.h"

// What happens before a device's kernels are trusted, with the emulator in the place of a device.
namespace hiddenkey::cuda {
namespace {

/// Computes one kernel a little wrong.
class Faulty : public EmulatedKeepMasks {
 public:
  explicit Faulty(std::string kernel) : kernel_(std::move(kernel)) {}

  void launch(const std::string& kernel, const Grid& grid, const void* arguments, at::Device device) const override {
    if (kernel != kernel_) return EmulatedKeepMasks::launch(kernel, grid, arguments, device);
    const auto changed = [&](auto copy, const auto& change) {
      change(copy);
      EmulatedKeepMasks::launch(kernel, grid, &copy, device);
    };
    const auto next_scale = [](ScaleKept& a) {
      a.scale = std::nextafter(a.scale, std::numeric_limits<float>::infinity());
    };
    // A bfloat16 may have too few bits to show that.
    const auto next_threshold = [](ScaleKept& a) { a.threshold += 1U << 20; };
    if (kernel == "keep_bytes") changed(*static_cast<const KeepBytes*>(arguments), [](auto& a) { ++a.first; });
    if (kernel == "uniform_numbers")
      changed(*static_cast<const UniformNumbers*>(arguments), [](auto& a) { ++a.first; });
    if (kernel == "keep_first") changed(*static_cast<const KeepFirst*>(arguments), [](auto& a) { --a.heads; });
    if (kernel == "keep_outside_spans")
      changed(*static_cast<const KeepOutsideSpans*>(arguments), [](auto& a) { a.rate *= 1.05; });
    if (kernel == "scale_kept_float32") changed(*static_cast<const ScaleKept*>(arguments), next_scale);
    if (kernel == "scale_kept_bfloat16") changed(*static_cast<const ScaleKept*>(arguments), next_threshold);
  }

 private:
  std::string kernel_;
};

TEST(SelfTest, FindsNothingWhereTheKernelsAreRight) {
  EXPECT_EQ(differing_kernel(KeepMasks(std::make_unique<EmulatedKeepMasks>()), at::kCPU), "");
}

TEST(SelfTest, NamesTheKernelThatDiffers) {
  for (const std::string& name : KeepMasks::kernel_names()) {
    EXPECT_EQ(differing_kernel(KeepMasks(std::make_unique<Faulty>(name)), at::kCPU), name);
  }
}

std::unique_ptr<Kernels> kernels_with(std::unique_ptr<Launcher> launcher) {
  return std::make_unique<Kernels>(Kernels{KeepMasks(std::move(launcher))});
}

int count(const std::string& text, const std::string& part) {
  int found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

class FirstUse : public ::testing::Test {
 protected:
  /// What two calls for each of two devices give; the warnings are in `lines`.
  std::vector<const Kernels*> ask(KernelSwitch& all) {
    testing::internal::CaptureStderr();
    std::vector<const Kernels*> answers;
    for (const int device : {0, 1, 0, 1})
      answers.push_back(all.get(at::Device(at::kCPU, static_cast<c10::DeviceIndex>(device - 1))));
    lines = testing::internal::GetCapturedStderr();
    return answers;
  }

  int loaded = 0;
  std::string lines;
};

TEST_F(FirstUse, LoadsTheKernelsOfEachDeviceOnce) {
  KernelSwitch all(true, [this](at::Device) {
    ++loaded;
    return kernels_with(std::make_unique<EmulatedKeepMasks>());
  });
  const std::vector<const Kernels*> answers = ask(all);
  EXPECT_NE(answers[0], nullptr);
  EXPECT_NE(answers[1], nullptr);
  EXPECT_NE(answers[0], answers[1]);
  EXPECT_EQ(answers[0], answers[2]);
  EXPECT_EQ(answers[1], answers[3]);
  EXPECT_EQ(loaded, 2);
  EXPECT_EQ(lines, "");
}

TEST_F(FirstUse, WhereOneKernelDiffersAllAreOffWithOneWarning) {
  KernelSwitch all(true, [](at::Device) { return kernels_with(std::make_unique<Faulty>("keep_first")); });
  EXPECT_EQ(ask(all), std::vector<const Kernels*>(4, nullptr));
  EXPECT_EQ(count(lines, "\n"), 1) << lines;
  EXPECT_EQ(count(lines, "keep_first does not compute what it does on the CPU"), 1) << lines;
}

TEST_F(FirstUse, WhereTheyCannotBeLoadedAllAreOffWithOneWarning) {
  KernelSwitch all(true, [this](at::Device) -> std::unique_ptr<Kernels> {
    ++loaded;
    throw std::runtime_error("first line\nsecond line");
  });
  EXPECT_EQ(ask(all), std::vector<const Kernels*>(4, nullptr));
  EXPECT_EQ(loaded, 1);
  EXPECT_EQ(count(lines, "\n"), 1) << lines;
  EXPECT_EQ(count(lines, "first line"), 1) << lines;
}

TEST_F(FirstUse, WhereTheyAreNotWantedNothingIsLoaded) {
  KernelSwitch all(false, [this](at::Device) -> std::unique_ptr<Kernels> {
    ++loaded;
    return nullptr;
  });
  EXPECT_EQ(ask(all), std::vector<const Kernels*>(4, nullptr));
  EXPECT_EQ(loaded, 0);
  EXPECT_EQ(lines, "");
}

TEST_F(FirstUse, WithoutADeviceTheyAreOff) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(kernels(at::Device(at::kCUDA, 0)), nullptr);  // no test loads LibTorch's part for CUDA
  EXPECT_EQ(kernels(at::Device(at::kCUDA, 0)), nullptr);
  lines = testing::internal::GetCapturedStderr();
  EXPECT_EQ(count(lines, "kernels are off"), 1) << lines;
  EXPECT_EQ(count(lines, "\n"), 1) << lines;
}

TEST_F(FirstUse, TheEnvironmentTurnsThemOff) {
  testing::internal::CaptureStderr();
  EXPECT_TRUE(kernels_wanted(nullptr));
  EXPECT_TRUE(kernels_wanted(""));
  EXPECT_TRUE(kernels_wanted("on"));
  EXPECT_FALSE(kernels_wanted("off"));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  testing::internal::CaptureStderr();
  EXPECT_TRUE(kernels_wanted("of"));
  EXPECT_EQ(count(testing::internal::GetCapturedStderr(), "HIDDENKEY_KERNELS"), 1);
}

}  // namespace
}  // namespace hiddenkey::cuda
