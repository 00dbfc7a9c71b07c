#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hiddenkey {

/// What a GGUF file says about its tokenizer, under tokenizer.ggml.*.
struct GgufVocabulary {
  std::string model;  ///< "gpt2" (byte-level BPE) or "llama" (SentencePiece BPE)
  std::string pre;    ///< of gpt2, how words are cut (gguf_words.h); "" is default
  std::vector<std::string> tokens;
  std::vector<float> scores;         ///< of llama: the higher, the earlier merged
  std::vector<int32_t> token_types;  ///< 1 normal, 2 unknown, 3 control, 4 user defined, 5 unused, 6 byte; may be empty
  std::vector<std::string> merges;   ///< of gpt2
  std::optional<int32_t> bos, eos, pad, unknown;
  bool add_bos = false, add_eos = false, add_space_prefix = true;
};

}  // namespace hiddenkey
