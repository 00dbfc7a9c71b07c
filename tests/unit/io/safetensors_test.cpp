#include "io/safetensors.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "core/error.h"

namespace hiddenkey {
namespace {

using testing::HasSubstr;

class SafeTensorsFile : public testing::Test {
 protected:
  fs::path path_ = fs::path(testing::TempDir()) / ("hiddenkey-" + std::to_string(::getpid()) + ".safetensors");
  void TearDown() override { fs::remove(path_); }

  void write(const std::string& header, std::size_t data_size, uint64_t length) {
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &length, 8);
    write_file_atomically(path_, bytes + header + std::string(data_size, '\1'));
  }
  std::string failure(const std::string& header, std::size_t data_size) {
    write(header, data_size, header.size());
    return open_failure();
  }
  std::string open_failure() {
    try {
      const SafeTensors file(path_);
      return "";
    } catch (const ModelError& error) {
      return error.what();
    }
  }
};

const char* const kGood = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";

TEST_F(SafeTensorsFile, WhatIsWrittenIsReadBack) {
  const at::Tensor a = at::randn({3, 4}), b = at::arange(5), c = at::randn({2, 0}), d = at::randn({}).to(at::kBFloat16);
  write_safetensors(path_, {{"z", a}, {"b", b}, {"empty", c}, {"scalar", d}});
  const SafeTensors file(path_);
  EXPECT_TRUE(file.read("z").equal(a));
  EXPECT_TRUE(file.read("b").equal(b));
  EXPECT_EQ(file.read("empty").sizes(), c.sizes());
  EXPECT_TRUE(file.read("scalar").equal(d));
  EXPECT_EQ(file.metadata(), (std::map<std::string, std::string>{{"format", "pt"}}));
}

TEST_F(SafeTensorsFile, OddButLegalFilesAreAccepted) {
  EXPECT_EQ(failure(kGood, 8), "");
  EXPECT_EQ(failure(std::string(kGood) + "   ", 8), "");
  EXPECT_EQ(failure("{}", 0), "");
  EXPECT_EQ(failure(R"({"":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1), "");
  EXPECT_EQ(failure(R"({"../x":{"dtype":"U8","shape":[],"data_offsets":[0,1]}})", 1), "");
  EXPECT_EQ(
      failure(
          R"({"a":{"dtype":"F32","shape":[0,5],"data_offsets":[0,0]},"b":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}})",
          0),
      "");
}

TEST_F(SafeTensorsFile, SizesThatDoNotFitAreRefused) {
  write_file_atomically(path_, "1234567");
  EXPECT_THAT(open_failure(), HasSubstr("7 bytes"));
  write("{}", 0, ~uint64_t{0});
  EXPECT_THAT(open_failure(), HasSubstr("length"));
  write("{}", 0, 100'000'001);
  EXPECT_THAT(open_failure(), HasSubstr("length"));
  write("{}", 0, 3);
  EXPECT_THAT(open_failure(), HasSubstr("cut off"));
  EXPECT_THAT(failure("", 0), HasSubstr("does not begin"));
}

TEST_F(SafeTensorsFile, HeadersThatAreNoJsonObjectAreRefused) {
  for (const std::string header : {"\xff{}", "{", "[]", " {}", "\xEF\xBB\xBF{}", "{}x", "{\"a\":1}"})
    EXPECT_NE(failure(header, 0), "") << header;
  EXPECT_NE(failure(std::string("{}") + '\0', 0), "");
  EXPECT_THAT(failure("{\"a\":" + std::string(100'000, '['), 0), HasSubstr("nested"));
}

TEST_F(SafeTensorsFile, TensorsThatDoNotFitAreRefusedByName) {
  const auto one = [&](const std::string& fields, std::size_t size) {
    return failure("{\"a\":{" + fields + "}}", size);
  };
  EXPECT_THAT(one(R"("dtype":"X9","shape":[1],"data_offsets":[0,1])", 1), HasSubstr("X9"));
  EXPECT_THAT(one(R"("dtype":"F4","shape":[2],"data_offsets":[0,1])", 1), HasSubstr("F4"));
  EXPECT_THAT(one(R"("shape":[1],"data_offsets":[0,1])", 1), HasSubstr("missing"));
  EXPECT_NE(one(R"("dtype":"U8","shape":[-1],"data_offsets":[0,1])", 1), "");
  EXPECT_NE(one(R"("dtype":"U8","shape":[1.0],"data_offsets":[0,1])", 1), "");
  EXPECT_NE(one(R"("dtype":"U8","shape":[1],"data_offsets":[0,1,2])", 1), "");
  EXPECT_NE(one(R"("dtype":"U8","shape":[1],"data_offsets":[-4,1])", 1), "");
  EXPECT_NE(one(R"("dtype":"F32","shape":[2],"data_offsets":[8,0])", 8), "");
  EXPECT_NE(one(R"("dtype":"F32","shape":[3],"data_offsets":[0,8])", 8), "");
  EXPECT_NE(one(R"("dtype":"U8","shape":[2,18446744073709551614],"data_offsets":[0,1])", 1), "");
  EXPECT_NE(one(R"("dtype":"U8","shape":[1],"data_offsets":[0,1])", 2), "") << "a trailing byte";
  EXPECT_NE(one(R"("dtype":"U8","shape":[1],"data_offsets":[1,2])", 2), "") << "a hole at the beginning";
}

TEST_F(SafeTensorsFile, OverlapsHolesAndDuplicatesAreRefused) {
  const auto two = [](int begin, int end) {
    return R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[)" +
           std::to_string(begin) + "," + std::to_string(end) + "]}}";
  };
  EXPECT_EQ(failure(two(4, 8), 8), "");
  EXPECT_THAT(failure(two(2, 6), 6), HasSubstr("overlaps"));
  EXPECT_THAT(failure(two(6, 10), 10), HasSubstr("hole"));
  EXPECT_THAT(
      failure(
          R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})",
          1),
      HasSubstr("twice"));
  EXPECT_NE(failure(R"({"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}})", 1), "");
  EXPECT_NE(failure(R"({"__metadata__":{"x":1}})", 0), "");
}

TEST_F(SafeTensorsFile, StaysWholeWhileItIsReplaced) {
  write_safetensors(path_, {{"a", at::ones({1000})}});
  const SafeTensors file(path_);
  write_safetensors(path_, {{"a", at::zeros({1000})}});
  EXPECT_TRUE(file.read("a").equal(at::ones({1000})));
}

}  // namespace
}  // namespace hiddenkey
