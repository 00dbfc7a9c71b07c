#pragma once

#include <cstdint>
#include <string>

namespace hiddenkey {

enum class Activation { kGelu, kGeluTanh, kRelu, kSilu, kTanh };
/// One transformer as data: what its config.json says, in the words of the one block that serves every family.
struct Architecture {
  std::string family;  ///< bert | roberta
  int64_t vocab_size = 0;
  int64_t hidden_size = 0;  ///< D
  int64_t num_layers = 0;
  int64_t num_heads = 0;          ///< H
  int64_t head_size = 0;          ///< K
  int64_t intermediate_size = 0;  ///< F
  int64_t max_positions = 0;      ///< usable positions: RoBERTa's table less its offset
  int64_t position_offset = 0;    ///< added to 0-based positions: pad_id + 1 in RoBERTa
  int64_t type_vocab_size = 0;    ///< 0: no segment embeddings
  int64_t pad_id = 0;
  Activation activation = Activation::kGelu;
  double norm_epsilon = 1e-12;
  bool causal = false;
  double initializer_range = 0.02;
};

}  // namespace hiddenkey
