#include "kernels/cuda/compiler.h"

#include <gtest/gtest.h>

#include <optional>
#include <regex>

#include "kernels/cuda/sources.h"

namespace hiddenkey::cuda {
namespace {

/// How many bytes all functions of a log of ptxas spill, and how many functions there are.
struct Spills {
  int functions = 0;
  int bytes = 0;

  explicit Spills(const std::string& log) {
    static const std::regex line("(\\d+) bytes stack frame, (\\d+) bytes spill stores, (\\d+) bytes spill loads");
    for (std::sregex_iterator found(log.begin(), log.end(), line), end; found != end; ++found) {
      ++functions;
      bytes += std::stoi((*found)[1]) + std::stoi((*found)[2]) + std::stoi((*found)[3]);
    }
  }
};

/// NVRTC comes with LibTorch for CUDA, and not with LibTorch for CPUs.
class Nvrtc : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(libtorch_folder() / "libtorch_cuda.so")) GTEST_SKIP() << "this LibTorch is without CUDA and NVRTC";
    compiler.emplace();
  }

  static std::vector<std::string> verbose_options(const std::string& architecture) {
    std::vector<std::string> options = compile_options(architecture);
    options.emplace_back("--ptxas-options=-v");
    return options;
  }

  std::optional<Compiler> compiler;
};

TEST_F(Nvrtc, CompilesEverySourceForEveryGenerationWithoutSpills) {
  int sources = 0;
  for (const SourceFile& file : source_files()) {
    if (!file.name.ends_with(".cu")) continue;
    ++sources;
    for (const auto& [major, minor] : {std::pair{8, 0}, {9, 0}, {10, 0}, {12, 0}}) {
      const std::string architecture = architecture_of(major, minor);
      const Compiled compiled = compiler->compile(file.name, verbose_options(architecture));
      EXPECT_EQ(compiled.cubin.substr(0, 4),
                "\x7f"
                "ELF")
          << file.name << " " << architecture;
      const Spills spills(compiled.log);
      EXPECT_GT(spills.functions, 0) << file.name << " " << architecture << "\n" << compiled.log;
      EXPECT_EQ(spills.bytes, 0) << file.name << " " << architecture << "\n" << compiled.log;
    }
  }
  EXPECT_GT(sources, 0);
}

TEST_F(Nvrtc, SpillsAreSeen) {
  // An array that is indexed at run time cannot lie in registers.
  const std::string spilling =
      "extern \"C\" __global__ void spilling(const int* in, int* out) {\n"
      "  int values[64];\n"
      "  for (int i = 0; i < 64; ++i) values[in[i]] = in[i + 64];\n"
      "  out[0] = values[in[128]];\n"
      "}\n";
  EXPECT_GE(Spills(compiler->compile("spilling.cu", spilling, verbose_options("sm_90a")).log).bytes, 256);
}

TEST_F(Nvrtc, SaysWhereASourceIsWrong) {
  try {
    compiler->compile("wrong.cu", "#include \"device.cuh\"\n__device__ int f() { return unknown; }\n",
                      compile_options("sm_90a"));
    FAIL() << "it compiles";
  } catch (const KernelError& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("wrong.cu(2)"), std::string::npos) << message;
    EXPECT_NE(message.find("unknown"), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
  EXPECT_THROW(compiler->compile("absent.cu", compile_options("sm_90a")), KernelError);
  EXPECT_THROW(compiler->compile("keep_masks.cu", compile_options("sm_1")), KernelError);
}

TEST_F(Nvrtc, TellsItsVersion) { EXPECT_TRUE(std::regex_match(compiler->version(), std::regex("13\\.\\d+"))); }

TEST(Architectures, AreNamedAsTheCompilerKnowsThem) {
  EXPECT_EQ(architecture_of(8, 6), "sm_86");
  EXPECT_EQ(architecture_of(9, 0), "sm_90a");
  EXPECT_EQ(architecture_of(10, 0), "sm_100a");
  EXPECT_EQ(architecture_of(12, 0), "sm_120");
}

TEST(Libraries, AMissingOneOrFunctionIsAKernelError) {
  EXPECT_THROW(Library("libabsent.so.13"), KernelError);
  void (*function)() = nullptr;
  EXPECT_THROW(Library("libc.so.6").find("no_such_function", function), KernelError);
  EXPECT_NO_THROW(Library("libc.so.6").find("abort", function));
}

}  // namespace
}  // namespace hiddenkey::cuda
