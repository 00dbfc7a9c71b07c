#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

#include "kernels/attention.h"

/// R sequences that each add one row, S positions, H heads, G heads of keys and values, K head size.
namespace hiddenkey {

/// Where the rows of each sequence lie in a layer's cache. The same for all layers.
struct CachedRows {
  at::Tensor row_RS;    ///< int64: the cache's row for each position of each sequence; any valid row behind its end
  at::Tensor length_R;  ///< int64: cached positions, the new row's own among them
  std::vector<int64_t> lengths;  ///< the same on the host
  int64_t longest = 0;           ///< of them
};

/// softmax(q k^T / sqrt(K)) v of each sequence's new row over its cached positions, or those within its reach ->
/// [R,H*K]. qkv_RW holds the queries in its first H*K columns; kv_CW holds a row of keys and values (2*G*K columns) a
/// cached position. No gradient is recorded.
at::Tensor decode_attention(const at::Tensor& qkv_RW, const at::Tensor& kv_CW, const CachedRows& cached,
                            const AttentionShape& shape);

}  // namespace hiddenkey
