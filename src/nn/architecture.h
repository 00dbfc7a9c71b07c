#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hiddenkey {

enum class Activation { kGelu, kGeluTanh, kRelu, kSilu, kTanh };
enum class HeadUse { kClassify, kLanguage };

/// One transformer as data: what its config.json says, in the words of the one block that serves every family.
struct Architecture {
  std::string family;  ///< bert | roberta | gpt2 | llama, whose words Mistral and Qwen2 use too
  int64_t vocab_size = 0;
  int64_t hidden_size = 0;  ///< D
  int64_t num_layers = 0;
  int64_t num_heads = 0;          ///< H
  int64_t num_kv_heads = 0;       ///< G: heads of the keys and values, each shared by H/G heads of the queries
  int64_t head_size = 0;          ///< K
  int64_t intermediate_size = 0;  ///< F
  int64_t max_positions = 0;      ///< usable positions: RoBERTa's table less its offset
  int64_t position_offset = 0;    ///< added to 0-based positions: pad_id + 1 in RoBERTa
  int64_t type_vocab_size = 0;    ///< 0: no segment embeddings
  bool reads_type_ids = true;     ///< false: every token is of type 0, as where Transformers' tokenizer gives no types
  int64_t pad_id = 0;             ///< -1: none; in full finetuning its embedding gets no gradient
  Activation activation = Activation::kGelu;
  double norm_epsilon = 1e-12;
  bool rms_norm = false;
  bool norm_first = false;     ///< norms stand before attention and MLP, and once behind the last block
  bool gated_mlp = false;      ///< activation(gate) * up instead of activation(up)
  std::vector<double> rotary;  ///< [K/2] radians a position of rotary embeddings; empty: positions have a table
  bool attention_bias = true;  ///< of query, key and value
  bool output_bias = true;     ///< of attention's output
  bool mlp_bias = true;
  bool causal = false;
  double initializer_range = 0.02;
  bool tied_head = true;              ///< the language model's head is the table of token embeddings
  HeadUse head = HeadUse::kClassify;  ///< what the model is used for; not of config.json
};

}  // namespace hiddenkey
