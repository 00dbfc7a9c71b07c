#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "core/error.h"
#include "io/gguf_tensor.h"
#include "support/gguf_bytes.h"

namespace hiddenkey {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;
using Bytes = GgufBytes;

class GgufFile : public testing::Test {
 protected:
  fs::path path_ = fs::path(testing::TempDir()) / ("hiddenkey-" + std::to_string(::getpid()) + ".gguf");
  void TearDown() override { fs::remove(path_); }

  Gguf open(const std::string& bytes) {
    write_file_atomically(path_, bytes);
    return Gguf(path_);
  }
  std::string failure(const std::string& bytes) {
    try {
      open(bytes);
      return "";
    } catch (const ModelError& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
      return error.what();
    }
  }
};

Bytes good() { return Bytes().u32("a.count", 7).tensor("x", {2, 3}, {1, 2, 3, 4, 5, 6}); }

TEST_F(GgufFile, MetadataAndTensorsAreReadOfBothVersions) {
  const std::string list =
      Bytes::number<uint32_t>(5) + Bytes::number<uint64_t>(2) + Bytes::number<int32_t>(-1) + Bytes::number<int32_t>(9);
  Bytes bytes = good();
  bytes.f32("rate", 0.5F).string("name", "llama").value("yes", 7, "\x01").value("list", 9, list);
  bytes.value("words", 9, Bytes::texts({"a", "", "bc"})).tensor("y", {1}, std::vector<float>{7});
  for (const uint32_t version : {2U, 3U}) {
    const Gguf file = open(bytes.bytes(version));
    EXPECT_THAT(file.whole("a.count"), Optional(7));
    EXPECT_THAT(file.number("a.count"), Optional(7.0));
    EXPECT_THAT(file.number("rate"), Optional(0.5));
    EXPECT_THAT(file.text("name"), Optional(std::string("llama")));
    EXPECT_THAT(file.flag("yes"), Optional(true));
    EXPECT_THAT(file.wholes("list"), Optional(ElementsAre(-1, 9)));
    EXPECT_THAT(file.numbers("list"), Optional(ElementsAre(-1.0, 9.0)));
    EXPECT_THAT(file.texts("words"), Optional(ElementsAre("a", "", "bc")));
    EXPECT_FALSE(file.text("other").has_value());
    EXPECT_TRUE(read_tensor(file, "x").equal(at::arange(1, 7).to(at::kFloat).view({3, 2})));
    EXPECT_EQ(read_tensor(file, "y").item<float>(), 7);
  }
}

TEST_F(GgufFile, OtherFilesAndVersionsAreRefused) {
  EXPECT_THAT(failure("GGU"), HasSubstr("\"GGUF\""));
  EXPECT_THAT(failure("PK\x03\x04" + std::string(40, '\0')), HasSubstr("\"GGUF\""));
  EXPECT_THAT(failure(good().bytes(1)), HasSubstr("version 1 is not supported"));
  EXPECT_THAT(failure(good().bytes(4)), HasSubstr("version 4 is not supported"));
  EXPECT_THAT(failure(good().bytes(0x03000000)), HasSubstr("big endian"));
}

TEST_F(GgufFile, EveryCutIsRefused) {
  const std::string whole = good().string("name", "x").value("words", 9, Bytes::texts({"a", "bc"})).bytes();
  EXPECT_EQ(failure(whole), "");
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_NE(failure(whole.substr(0, size)), "") << size;
}

TEST_F(GgufFile, LengthsBeyondTheFileAreRefused) {
  const uint64_t huge = ~uint64_t{0};
  const std::string begin = "GGUF" + Bytes::number<uint32_t>(3);
  EXPECT_THAT(failure(begin + Bytes::number(huge) + Bytes::number<uint64_t>(0)), HasSubstr("do not fit"));
  EXPECT_THAT(failure(begin + Bytes::number<uint64_t>(0) + Bytes::number(huge)), HasSubstr("do not fit"));
  EXPECT_THAT(failure(Bytes().value("a", 8, Bytes::number(huge)).bytes()), HasSubstr("\"a\": needs"));
  for (const uint32_t element : {0U, 4U, 8U, 9U, 12U}) {
    const std::string list = Bytes::number(element) + Bytes::number(huge / 2);
    EXPECT_THAT(failure(Bytes().value("a", 9, list).bytes()), HasSubstr("does not fit")) << element;
  }
  EXPECT_THAT(failure(Bytes().entry("x", {huge / 2, 3}, 0, 0).bytes()), HasSubstr("too large"));
  EXPECT_THAT(failure(Bytes().entry("x", {huge / 2}, 0, 0).bytes()), HasSubstr("too large"));
  EXPECT_THAT(failure(Bytes().entry("x", {1, 1, 1, 1, 1}, 0, 0).bytes()), HasSubstr("5 dimensions"));
}

TEST_F(GgufFile, MetadataFaultsAreNamed) {
  EXPECT_THAT(failure(Bytes().value("a", 13, "").string("b", "long enough").bytes()),
              HasSubstr("\"a\": has the unknown type 13"));
  EXPECT_THAT(failure(Bytes().value("a", 7, "\x02").bytes()), HasSubstr("neither 0 nor 1"));
  EXPECT_THAT(failure(Bytes().u32("a", 1).u32("a", 2).bytes()), HasSubstr("\"a\": stands there twice"));
  EXPECT_THAT(failure(Bytes().u32("general.alignment", 3).tensor("x", {1}, std::vector<float>{1}).bytes()),
              HasSubstr("power of two"));
  std::string nested = Bytes::number<uint32_t>(0) + Bytes::number<uint64_t>(0);
  for (int i = 0; i < 4; ++i) nested = Bytes::number<uint32_t>(9) + Bytes::number<uint64_t>(1) + nested;
  EXPECT_THAT(failure(Bytes().value("a", 9, nested).bytes()), HasSubstr("nested too deeply"));
  EXPECT_EQ(failure(Bytes().value("a", 9, nested.substr(12)).bytes()), "");
}

TEST_F(GgufFile, ValuesOfAnotherTypeAreRefused) {
  const Gguf file = open(Bytes().u32("a", 1).string("b", "x").value("c", 10, Bytes::number(~uint64_t{0})).bytes());
  const auto message = [](const auto& call) {
    try {
      call();
      return std::string();
    } catch (const ModelError& error) {
      return std::string(error.what());
    }
  };
  EXPECT_THAT(message([&] { file.text("a"); }), HasSubstr("a: is of type uint32, not text"));
  EXPECT_THAT(message([&] { file.flag("a"); }), HasSubstr("not a bool"));
  EXPECT_THAT(message([&] { file.texts("a"); }), HasSubstr("not a list"));
  EXPECT_THAT(message([&] { file.whole("b"); }), HasSubstr("b: is of type text, not a whole number"));
  EXPECT_THAT(message([&] { file.number("b"); }), HasSubstr("not a number"));
  EXPECT_THAT(message([&] { file.whole("c"); }), HasSubstr("too large"));
}

TEST_F(GgufFile, TensorFaultsAreNamed) {
  EXPECT_THAT(failure(good().tensor("x", {1}, std::vector<float>{1}).bytes()),
              HasSubstr("tensor \"x\": stands there twice"));
  EXPECT_THAT(failure(Bytes().entry("x", {256}, 16, 0).bytes()), HasSubstr("IQ2_XXS is not supported"));
  EXPECT_THAT(failure(Bytes().entry("x", {256}, 99, 0).bytes()), HasSubstr("type 99 is not supported"));
  EXPECT_THAT(failure(Bytes().entry("x", {33}, 8, 0).bytes()), HasSubstr("no whole blocks of Q8_0"));
  EXPECT_THAT(failure(Bytes().entry("x", {2}, 0, 0).bytes() + "1234567"), HasSubstr("outside of the file"));
  EXPECT_THAT(failure(Bytes().entry("x", {1}, 0, ~uint64_t{0}).bytes() + "1234"), HasSubstr("outside of the file"));
  EXPECT_THAT(failure(Bytes().entry("x\ny", {1}, 99, 0).bytes()), HasSubstr("\"x?y\""));
}

struct Golden {
  uint32_t type;
  double second, last;  // value
  const char* sha256;   // of all the floats
};

// gguf.quants.dequantize of the Python package gguf 0.19.0 on the bytes below.
const Golden kGoldens[] = {
    {0, 1.487265281978301e-17, 4.989758572016435e+16,
     "7855952abf2d5cfd22e66085d1b1001bfa2694c8c212242a2081776017eef8fb"},
    {1, 0.058868408203125, 0.94580078125, "a8b557ddb11a82184045a4fa16279089237c95489e3ba4108432ac5b780e952e"},
    {30, 2.5647750589996576e-10, 0.006378173828125, "45215fdb0c1797c905da819ea5522a925bcc71857ece0d782e87fa0a7cef56c1"},
    {2, 0.6998291015625, -0.328857421875, "c27f6705e4aadc657b45f496304449029f91162aadca6eb35dc446e1a91b6bff"},
    {3, 1.470458984375, 0.464111328125, "70342d81f6eaf4bcdc43d294d79c05edcb67b94dd5d3e65dd134ad47c56da23d"},
    {6, -1.2996826171875, -1.23321533203125, "62c89a692e47a4e014107ae63590cca7cd501c4ca28137e57fd372e999c06fa3"},
    {7, 1.870361328125, 1.121826171875, "d300095c22f35d9fc7eda43a4cf8ae1aa6d63f12750ffdd1772d40aad3b5702a"},
    {8, 4.6988525390625, 9.12579345703125, "4d16ba2bab3636d1db14932ec397aa87465e963460099e0f803610252c10227e"},
    {12, 3.4208984375, -3.10284423828125, "59a29f3f8b54d16e07be548b8c89fc1abded1b0d2c6c35a55af2b239f9f50643"},
    {13, 27.4150390625, 44.96868896484375, "b11f1e3420c45c012667d17952f50a2253e3f42dca46d2bd7d2f771edc6f9013"},
    {14, -46.8885498046875, 162.04449462890625, "21c1503fed9cf3f81a3e263ab636c0b9f8c1e3b7e10828444e98a4affada3354"}};

/// Two blocks (of single numbers, sixteen) of bytes without a pattern, but with scales that are finite.
std::string two_blocks(const GgufType& type) {
  const std::size_t count = type.values > 1 ? 2 * type.bytes : 16 * type.bytes;
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t byte = (i * i * 31 + i * 7 + 3) % 256;
    bytes += static_cast<char>(type.number == 1 ? byte & 0xBBU : byte);
  }
  if (type.values == 1) return bytes;
  const bool minimum = type.number != 2 && type.number != 6 && type.number != 8 && type.number != 14;
  for (std::size_t block = 0; block < 2; ++block) {
    for (std::size_t i = 0; i < (minimum ? 2U : 1U); ++i) {
      const std::string half = Bytes::number(static_cast<uint16_t>(0x2e66 - 0x123 * block + 0x311 * i));
      bytes.replace(block * type.bytes + (type.number == 14 ? 208 : 2 * i), 2, half);
    }
  }
  return bytes;
}

TEST_F(GgufFile, EachTypeGivesTheReferencesFloats) {
  for (const Golden& golden : kGoldens) {
    const GgufType& type = *find_gguf_type(golden.type);
    const int64_t count = type.values > 1 ? 2 * type.values : 16;
    const Gguf file = open(Bytes().tensor("x", {static_cast<uint64_t>(count)}, type.number, two_blocks(type)).bytes());
    const at::Tensor x = read_tensor(file, "x");
    EXPECT_EQ(x[1].item<float>(), static_cast<float>(golden.second)) << type.name;
    EXPECT_EQ(x[count - 1].item<float>(), static_cast<float>(golden.last)) << type.name;
    EXPECT_EQ(sha256_of_bytes({static_cast<const char*>(x.const_data_ptr()), x.nbytes()}), golden.sha256) << type.name;
  }
}

}  // namespace
}  // namespace hiddenkey
