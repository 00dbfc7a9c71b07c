#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace hiddenkey {

/// What attention's bias is made of that is the same in every layer of one reach (kernels/attention_bias.h). P is the
/// keys' places, B*S with S filled up as the kernel wants it.
struct BiasFrame {
  int64_t queries = 0;   ///< T, which it was made for
  int64_t reach = 0;     ///< which it was made for
  at::Tensor row_P;      ///< int64, the row that is shown at each place
  at::Tensor shown;      ///< 0 for keys that are seen where nothing is dropped, -inf for others
  at::Tensor others_TS;  ///< causal: 0 for a query's own key, far below 0 for others
  at::Tensor hidden;     ///< [], -inf
};

/// Where the valid units of a packed batch are: B sequences as N rows of one matrix, without padding.
/// The index tensors are made once a batch, on the host, and moved to the device together.
struct PackedLayout {
  std::vector<int64_t> offsets;  ///< [B+1], on the host: sequence b is rows offsets[b] .. offsets[b+1]-1
  int64_t longest = 0;           ///< T, the longest sequence
  at::Tensor sequence_N;         ///< int64, the sequence of each row
  at::Tensor position_N;         ///< int64, the place of each row in its sequence, from 0
  at::Tensor length_B;           ///< int64
  at::Tensor first_B;            ///< int64, the row of each sequence's first token
  at::Tensor offset_E;           ///< int32 [B+1], `offsets` on the device
  at::Tensor picked_P;           ///< int64, the rows that the head reads: first_B unless the batch says otherwise
  at::Tensor padded_N;           ///< int64, the place of each row in a padded [B*T] matrix
  at::Tensor row_BT;             ///< int64, the row shown at each padded place (row 0 at padding)
  at::Tensor valid_BT;           ///< bool, false at padding
  std::shared_ptr<const PackedLayout>
      firsts;  ///< one row a sequence: the queries where only first tokens are asked for
  std::shared_ptr<std::vector<BiasFrame>> bias_frames =
      std::make_shared<std::vector<BiasFrame>>();  ///< one is added where it is first wanted

  int64_t sequences() const { return static_cast<int64_t>(offsets.size()) - 1; }
  int64_t rows() const { return offsets.back(); }
  bool is_full() const { return sequences() * longest == rows(); }  ///< all sequences are of one length
  at::Device device() const { return sequence_N.device(); }
};

PackedLayout make_layout(std::vector<int64_t> offsets, at::Device device);

/// The same sequences twice, the second pass behind the first; the picked rows likewise.
PackedLayout twice(const PackedLayout& layout);

}  // namespace hiddenkey
