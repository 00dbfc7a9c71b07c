#include "kernels/cuda/cubin_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "core/error.h"

namespace hiddenkey::cuda {
namespace {

class CubinCaches : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "cubins-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder = name;
  }
  void TearDown() override { fs::remove_all(folder); }

  /// What the cache gives, and one more in `made` where it had to compile.
  std::string get(const CubinCache& cache) {
    return cache.get(parts, [this] {
      ++made;
      return cubin;
    });
  }

  fs::path folder;
  std::vector<std::string> parts = {"13.0", "source", "-arch=sm_90a"};
  std::string cubin = std::string(
      "\x7f"
      "ELF\0 with zeros\0",
      17);
  std::atomic<int> made = 0;
};

TEST_F(CubinCaches, CompileOnce) {
  EXPECT_EQ(get(CubinCache(folder / "new/kernels")), cubin);
  EXPECT_EQ(get(CubinCache(folder / "new/kernels")), cubin);
  EXPECT_EQ(made, 1);
}

TEST_F(CubinCaches, EveryPartCounts) {
  const CubinCache cache(folder);
  get(cache);
  for (std::vector<std::string> other : {std::vector<std::string>{"13.1", "source", "-arch=sm_90a"},
                                         {"13.0", "sourc", "e-arch=sm_90a"},
                                         {"13.0", "source"},
                                         {"13.0", "source", "-arch=sm_100a"}}) {
    parts = std::move(other);
    const int before = made;
    get(cache);
    EXPECT_EQ(made, before + 1);
  }
}

TEST_F(CubinCaches, MakeADamagedFileAnew) {
  const CubinCache cache(folder);
  get(cache);
  const fs::path path = cache.file_of(parts);
  const std::string whole = read_file(path);
  std::string flipped = whole;
  flipped[6] ^= 1;
  int expected = 1;
  for (const std::string& damaged : {flipped, whole.substr(0, whole.size() - 1), whole.substr(0, 64), std::string()}) {
    std::ofstream(path, std::ios::binary) << damaged;
    EXPECT_EQ(get(cache), cubin);
    EXPECT_EQ(made, ++expected) << damaged.size();
    EXPECT_EQ(read_file(path), whole);
    EXPECT_EQ(get(cache), cubin);
    EXPECT_EQ(made, expected);
  }
}

TEST_F(CubinCaches, CostACompilationAndOneWarningWhereNothingCanBeWritten) {
  std::ofstream(folder / "file") << "no folder";
  const CubinCache full(folder / "full");
  fs::create_directories(folder / "full");
  fs::create_symlink("/dev/full", full.file_of(parts));
  const CubinCache taken(folder / "taken");
  fs::create_directories(taken.file_of(parts));
  testing::internal::CaptureStderr();
  // Not even root may write into the second.
  for (const CubinCache& cache :
       {CubinCache(folder / "file"), CubinCache("/proc/kernels"), full, taken, CubinCache({})}) {
    const int before = made;
    EXPECT_EQ(get(cache), cubin);
    EXPECT_EQ(made, before + 1);
  }
  const std::string lines = testing::internal::GetCapturedStderr();
  const std::string warning = "compiled anew in each run";
  const std::size_t first = lines.find(warning);
  ASSERT_NE(first, std::string::npos) << lines;
  EXPECT_EQ(lines.find(warning, first + 1), std::string::npos) << lines;
}

TEST_F(CubinCaches, ManyMayFillAtOnce) {
  const CubinCache cache(folder);
  cubin.resize(1 << 20, 'x');
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int i = 0; i < 8; ++i) threads.emplace_back([&] { right += get(cache) == cubin ? 1 : 0; });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 8);
  const int before = made;
  EXPECT_EQ(get(cache), cubin);
  EXPECT_EQ(made, before);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);
}

TEST_F(CubinCaches, AFailingCompilationIsKeptNowhere) {
  const CubinCache cache(folder);
  EXPECT_THROW(cache.get(parts, []() -> std::string { throw IoError("does not compile"); }), IoError);
  EXPECT_FALSE(fs::exists(cache.file_of(parts)));
}

}  // namespace
}  // namespace hiddenkey::cuda
