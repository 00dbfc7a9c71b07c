#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace hiddenkey {

/// How a GGUF file holds numbers: blocks of `values` numbers in `bytes` bytes, with a scale (and for some a minimum) of
/// their own. The layouts are those of ggml; the arithmetic is float32, in the order that makes the results equal, bit
/// for bit, to those of the Python package gguf.
struct GgufType {
  uint32_t number;   ///< in a tensor's entry
  const char* name;  ///< Q4_K
  int64_t values;
  std::size_t bytes;
  void (*to_float)(const std::byte* block, float* values);
};

/// Null for a type that is not read.
const GgufType* find_gguf_type(uint32_t number);

/// Also of the types that are not read; "type 99" where ggml has none of that number.
std::string gguf_type_name(uint32_t number);

}  // namespace hiddenkey
