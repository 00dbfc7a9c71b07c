#pragma once

#include <cstdint>
#include <vector>

#include "data/head_use.h"

namespace hiddenkey {

struct Family;

enum class Activation { kGelu, kGeluTanh, kRelu, kSilu, kTanh };

enum class NormKind {
  kLayer,       ///< (x - mean) / deviation * weight + bias
  kPlainLayer,  ///< the same without a bias
  kRms,         ///< x / root mean square * weight
};

/// What the head of a classifier reads of each sequence.
enum class Pooling {
  kFirst,  ///< its first token
  kLast,   ///< its last token that is no padding
  kMean,   ///< the mean of its tokens
};

/// In what one layer differs from others of its model.
struct LayerShape {
  int64_t reach = 0;               ///< how many positions away the farthest key is that a query sees; 0: every key
  std::size_t rotary = 0;          ///< which of the Architecture's rotary frequencies turn it
  bool has_attention_norm = true;  ///< false: attention reads the layer's input as it is
};

/// One transformer as data: what its config.json says, in the words of the one block that serves every family.
struct Architecture {
  const Family* family = nullptr;  ///< whose words it uses (model/families/family.h)
  int64_t vocab_size = 0;
  int64_t embedding_size = 0;  ///< the width of the embeddings where it differs from the hidden size; 0: the same
  int64_t hidden_size = 0;     ///< D
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
  NormKind norm = NormKind::kLayer;
  double norm_epsilon = 1e-12;
  bool norm_first = false;                  ///< norms stand before attention and MLP, and once behind the last block
  bool gated_mlp = false;                   ///< activation(gate) * up instead of activation(up)
  std::vector<std::vector<double>> rotary;  ///< each [K/2], radians a position; empty: positions have a table
  std::vector<LayerShape> layers;           ///< empty: all layers are alike
  bool attention_bias = true;               ///< of query, key and value
  bool output_bias = true;                  ///< of attention's output
  bool mlp_bias = true;
  bool causal = false;
  double initializer_range = 0.02;
  double initializer_cutoff = 0;  ///< a new head's numbers lie within so many deviations; 0: anywhere
  double dense_range = 0;  ///< the deviation of its dense layer where it differs from initializer_range; 0: it does not
  double output_range = 0;            ///< of its last layer likewise
  bool tied_head = true;              ///< the language model's head is the table of token embeddings
  HeadUse head = HeadUse::kClassify;  ///< what the model is used for; not of config.json
  Pooling pooling = Pooling::kFirst;
  Activation head_activation = Activation::kTanh;  ///< behind the dense layer of the classification head
  bool head_bias = true;                           ///< of that layer

  /// Whether the last block of an encoder is computed for all rows, since the head may read any of them.
  bool reads_any_row() const { return !causal && (head == HeadUse::kTokens || pools_mean()); }
  bool pools_mean() const { return head == HeadUse::kClassify && pooling == Pooling::kMean; }
  LayerShape layer(int64_t index) const {
    return layers.empty() ? LayerShape() : layers[static_cast<std::size_t>(index)];
  }
  int64_t embedding_width() const { return embedding_size == 0 ? hidden_size : embedding_size; }
};

}  // namespace hiddenkey
