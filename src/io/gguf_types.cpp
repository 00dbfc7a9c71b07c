#include "io/gguf_types.h"

#include <c10/util/Half.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "core/text.h"

namespace hiddenkey {
namespace {

constexpr int kSmall = 32;   // values of a block
constexpr int kLarge = 256;  // values of a block of the K types

template <class Number>
Number load(const std::byte* at) {
  Number number;
  std::memcpy(&number, at, sizeof number);
  return number;
}

float half(const std::byte* at) { return c10::detail::fp16_ieee_to_fp32_value(load<uint16_t>(at)); }

unsigned low(std::byte byte) { return std::to_integer<unsigned>(byte) & 15U; }
unsigned high(std::byte byte) { return std::to_integer<unsigned>(byte) >> 4U; }
unsigned bits(std::byte byte, int first, unsigned mask) { return (std::to_integer<unsigned>(byte) >> first) & mask; }

void from_f32(const std::byte* block, float* out) { *out = load<float>(block); }
void from_f16(const std::byte* block, float* out) { *out = half(block); }
void from_bf16(const std::byte* block, float* out) {
  *out = std::bit_cast<float>(static_cast<uint32_t>(load<uint16_t>(block)) << 16U);
}

void from_q8_0(const std::byte* block, float* out) {
  const float scale = half(block);
  for (int i = 0; i < kSmall; ++i) out[i] = static_cast<float>(load<int8_t>(block + 2 + i)) * scale;
}

/// The first half of a small block's values stands in the bytes' low halves, the second in the high ones.
unsigned nibble(const std::byte* bytes, int i) { return i < 16 ? low(bytes[i]) : high(bytes[i - 16]); }

void from_q4_0(const std::byte* block, float* out) {
  const float scale = half(block);
  for (int i = 0; i < kSmall; ++i) out[i] = scale * static_cast<float>(static_cast<int>(nibble(block + 2, i)) - 8);
}

void from_q4_1(const std::byte* block, float* out) {
  const float scale = half(block), minimum = half(block + 2);
  for (int i = 0; i < kSmall; ++i) out[i] = scale * static_cast<float>(nibble(block + 4, i)) + minimum;
}

/// Four bytes of fifth bits, then the halves of 16 bytes.
unsigned five_bits(const std::byte* bytes, int i) {
  return nibble(bytes + 4, i) | (bits(bytes[i / 8], i % 8, 1) << 4U);
}

void from_q5_0(const std::byte* block, float* out) {
  const float scale = half(block);
  for (int i = 0; i < kSmall; ++i) out[i] = scale * static_cast<float>(static_cast<int>(five_bits(block + 2, i)) - 16);
}

void from_q5_1(const std::byte* block, float* out) {
  const float scale = half(block), minimum = half(block + 2);
  for (int i = 0; i < kSmall; ++i) out[i] = scale * static_cast<float>(five_bits(block + 4, i)) + minimum;
}

struct ScaleAndMinimum {
  float scale, minimum;
};

/// Of eight groups, six bits each: 12 bytes after the block's own scale and minimum. The first four groups have bytes
/// of their own, whose upper two bits belong to the last four.
ScaleAndMinimum group_of(const std::byte* block, int group) {
  const std::byte* packed = block + 4;
  unsigned scale = 0, minimum = 0;
  if (group < 4) {
    scale = bits(packed[group], 0, 63);
    minimum = bits(packed[group + 4], 0, 63);
  } else {
    scale = low(packed[group + 4]) | (bits(packed[group - 4], 6, 3) << 4U);
    minimum = high(packed[group + 4]) | (bits(packed[group], 6, 3) << 4U);
  }
  return {half(block) * static_cast<float>(scale), half(block + 2) * static_cast<float>(minimum)};
}

/// Two groups of 32 share 32 bytes: the low halves are the first's.
unsigned group_nibble(const std::byte* bytes, int group, int i) {
  const std::byte byte = bytes[group / 2 * 32 + i];
  return group % 2 == 0 ? low(byte) : high(byte);
}

void from_q4_k(const std::byte* block, float* out) {
  for (int group = 0; group < 8; ++group) {
    const auto [scale, minimum] = group_of(block, group);
    for (int i = 0; i < 32; ++i)
      out[group * 32 + i] = scale * static_cast<float>(group_nibble(block + 16, group, i)) - minimum;
  }
}

void from_q5_k(const std::byte* block, float* out) {
  const std::byte* fifth = block + 16;
  for (int group = 0; group < 8; ++group) {
    const auto [scale, minimum] = group_of(block, group);
    for (int i = 0; i < 32; ++i) {
      const unsigned value = group_nibble(block + 48, group, i) | (bits(fifth[i], group, 1) << 4U);
      out[group * 32 + i] = scale * static_cast<float>(value) - minimum;
    }
  }
}

/// Halves of 128 values: 64 bytes of low bits, 32 of upper ones. Each 16 values have a scale of eight bits.
void from_q6_k(const std::byte* block, float* out) {
  const std::byte *upper = block + 128, *scales = block + 192;
  const float scale = half(block + 208);
  for (int i = 0; i < kLarge; ++i) {
    const int part = i / 128, within = i % 128;
    const std::byte byte = block[part * 64 + within % 64];
    const unsigned four = within < 64 ? low(byte) : high(byte);
    const unsigned two = bits(upper[part * 32 + within % 32], within / 32 * 2, 3);
    const float own = scale * static_cast<float>(load<int8_t>(scales + i / 16));
    out[i] = own * static_cast<float>(static_cast<int>(four | (two << 4U)) - 32);
  }
}

constexpr std::array<GgufType, 11> kTypes = {{{0, "F32", 1, 4, from_f32},
                                              {1, "F16", 1, 2, from_f16},
                                              {2, "Q4_0", kSmall, 18, from_q4_0},
                                              {3, "Q4_1", kSmall, 20, from_q4_1},
                                              {6, "Q5_0", kSmall, 22, from_q5_0},
                                              {7, "Q5_1", kSmall, 24, from_q5_1},
                                              {8, "Q8_0", kSmall, 34, from_q8_0},
                                              {12, "Q4_K", kLarge, 144, from_q4_k},
                                              {13, "Q5_K", kLarge, 176, from_q5_k},
                                              {14, "Q6_K", kLarge, 210, from_q6_k},
                                              {30, "BF16", 1, 2, from_bf16}}};

struct OtherType {
  uint32_t number;
  const char* name;
};
constexpr std::array<OtherType, 22> kOthers = {
    {{9, "Q8_1"},     {10, "Q2_K"},  {11, "Q3_K"},   {15, "Q8_K"},  {16, "IQ2_XXS"}, {17, "IQ2_XS"},
     {18, "IQ3_XXS"}, {19, "IQ1_S"}, {20, "IQ4_NL"}, {21, "IQ3_S"}, {22, "IQ2_S"},   {23, "IQ4_XS"},
     {24, "I8"},      {25, "I16"},   {26, "I32"},    {27, "I64"},   {28, "F64"},     {29, "IQ1_M"},
     {34, "TQ1_0"},   {35, "TQ2_0"}, {39, "MXFP4"},  {40, "NVFP4"}}};

}  // namespace

const GgufType* find_gguf_type(uint32_t number) {
  const auto found = std::find_if(kTypes.begin(), kTypes.end(), [&](const GgufType& t) { return t.number == number; });
  return found == kTypes.end() ? nullptr : &*found;
}

std::string gguf_type_name(uint32_t number) {
  if (const GgufType* type = find_gguf_type(number)) return type->name;
  const auto found =
      std::find_if(kOthers.begin(), kOthers.end(), [&](const OtherType& t) { return t.number == number; });
  return found == kOthers.end() ? cat("type ", number) : std::string(found->name);
}

}  // namespace hiddenkey
