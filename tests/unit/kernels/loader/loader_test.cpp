#include "kernels/cuda/loader.h"

#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <gtest/gtest.h>

#include "kernels/cuda/kernels.h"
#include "kernels/cuda/libraries.h"
#include "support/fake_cuda_runtime.h"

namespace hiddenkey::cuda {
namespace {

using fake_cuda_runtime::record;

c10::DeviceIndex current_device = 0;
std::vector<c10::DeviceIndex> devices_of_calls;

/// What LibTorch's part for CUDA registers: the current device, and its current stream, which here is 77.
struct FakeGuard : c10::impl::DeviceGuardImplInterface {
  c10::DeviceType type() const override { return at::kCUDA; }
  c10::Device exchangeDevice(c10::Device device) const override {
    const c10::Device before = getDevice();
    setDevice(device);
    return before;
  }
  c10::Device getDevice() const override { return {at::kCUDA, current_device}; }
  void setDevice(c10::Device device) const override { uncheckedSetDevice(device); }
  void uncheckedSetDevice(c10::Device device) const noexcept override {
    current_device = device.index();
    devices_of_calls.push_back(current_device);
  }
  c10::Stream getStream(c10::Device device) const override { return c10::Stream(c10::Stream::UNSAFE, device, 77); }
  c10::Stream exchangeStream(c10::Stream stream) const override { return stream; }
  c10::DeviceIndex deviceCount() const noexcept override { return 2; }
  void* getStreamNativeHandle(const c10::Stream stream) const override { return reinterpret_cast<void*>(stream.id()); }
};

C10_REGISTER_GUARD_IMPL(CUDA, FakeGuard);

class Loader : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(libtorch_folder() / "libtorch_cuda.so")) GTEST_SKIP() << "this LibTorch is without CUDA and NVRTC";
    std::string name = ::testing::TempDir() + "loader-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder = name;
    setenv("XDG_CACHE_HOME", name.c_str(), 1);
    record() = {};
  }
  void TearDown() override { fs::remove_all(folder); }

  std::unique_ptr<Launcher> load() const { return load_kernels(KeepMasks::kSource, KeepMasks::kernel_names(), device); }

  fs::path folder;
  const at::Device device{at::kCUDA, 1};
};

TEST_F(Loader, CompilesForTheDeviceAndKeepsTheCubin) {
  load();
  EXPECT_EQ(record().loaded,
            "\x7f"
            "ELF");
  EXPECT_EQ(record().kernels, KeepMasks::kernel_names());
  EXPECT_EQ(current_device, 0);  // as before
  const fs::path kernels = folder / "hiddenkey/kernels";
  ASSERT_EQ(std::distance(fs::directory_iterator(kernels), fs::directory_iterator()), 1);
  const fs::path cubin = fs::directory_iterator(kernels)->path();
  const auto written = fs::last_write_time(cubin);
  load();
  EXPECT_EQ(fs::last_write_time(cubin), written);
}

TEST_F(Loader, LaunchesOnTheDevicesCurrentStream) {
  const std::unique_ptr<Launcher> launcher = load();
  devices_of_calls.clear();
  const int arguments = 5;
  launcher->launch("uniform_numbers", {3, 2, 64}, &arguments, device);
  ASSERT_EQ(record().launches.size(), 1U);
  const fake_cuda_runtime::Launch& launch = record().launches[0];
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(launch.kernel), 2U);  // the second that was asked for
  EXPECT_TRUE(launch.grid[0] == 3 && launch.grid[1] == 2 && launch.grid[2] == 1);
  EXPECT_TRUE(launch.block[0] == 64 && launch.block[1] == 1 && launch.block[2] == 1);
  EXPECT_EQ(launch.arguments, &arguments);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(launch.stream), 77U);
  EXPECT_EQ(devices_of_calls, (std::vector<c10::DeviceIndex>{1, 0}));
}

TEST_F(Loader, AnErrorOfTheRuntimeIsNamedAndNotLeftToLibTorch) {
  const std::unique_ptr<Launcher> launcher = load();
  record().result = 9;
  const int arguments = 5;
  try {
    launcher->launch("keep_bytes", {1, 1, 256}, &arguments, device);
    FAIL() << "it launches";
  } catch (const KernelError& error) {
    EXPECT_STREQ(error.what(), "the kernel keep_bytes cannot be launched: an error of the fake runtime");
  }
  EXPECT_EQ(record().errors_read, 1);
  EXPECT_THROW(load(), KernelError);
  EXPECT_EQ(current_device, 0);
}

}  // namespace
}  // namespace hiddenkey::cuda
