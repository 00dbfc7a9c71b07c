#include "dropout/packed_layout.h"

#include <algorithm>
#include <numeric>

namespace hiddenkey {

PackedLayout make_layout(std::vector<int64_t> offsets, at::Device device) {
  PackedLayout layout;
  const int64_t sequences = static_cast<int64_t>(offsets.size()) - 1;
  const int64_t rows = offsets.back();
  for (int64_t b = 0; b < sequences; ++b) layout.longest = std::max(layout.longest, offsets[b + 1] - offsets[b]);

  // One host tensor holds every index, so that a device gets them in one copy.
  const int64_t padded = sequences * layout.longest;
  at::Tensor host =
      at::zeros({3 * rows + 2 * sequences + 2 * padded}, at::TensorOptions(at::kLong).pinned_memory(device.is_cuda()));
  int64_t* sequence = host.data_ptr<int64_t>();
  int64_t* position = sequence + rows;
  int64_t* place = position + rows;
  int64_t* length = place + rows;
  int64_t* first = length + sequences;
  int64_t* shown = first + sequences;
  int64_t* valid = shown + padded;
  for (int64_t b = 0; b < sequences; ++b) {
    length[b] = offsets[b + 1] - offsets[b];
    first[b] = offsets[b];
    for (int64_t t = 0; t < length[b]; ++t) {
      const int64_t row = offsets[b] + t;
      sequence[row] = b;
      position[row] = t;
      place[row] = b * layout.longest + t;
      shown[place[row]] = row;
      valid[place[row]] = 1;
    }
  }
  const at::Tensor moved =
      device.is_meta() ? at::empty_like(host, at::TensorOptions(device)) : host.to(device, /*non_blocking=*/true);
  int64_t start = 0;
  const auto take = [&](int64_t size) { return moved.narrow(0, std::exchange(start, start + size), size); };
  layout.sequence_N = take(rows);
  layout.position_N = take(rows);
  layout.padded_N = take(rows);
  layout.length_B = take(sequences);
  layout.first_B = take(sequences);
  layout.picked_P = layout.first_B;
  layout.row_BT = take(padded).view({sequences, layout.longest});
  layout.valid_BT = take(padded).view({sequences, layout.longest}).to(at::kBool);
  layout.offsets = std::move(offsets);
  return layout;
}

PackedLayout first_rows(const PackedLayout& layout) {
  std::vector<int64_t> offsets(layout.offsets.size());
  std::iota(offsets.begin(), offsets.end(), int64_t{0});
  return make_layout(std::move(offsets), layout.device());
}

PackedLayout twice(const PackedLayout& layout) {
  std::vector<int64_t> offsets = layout.offsets;
  for (int64_t b = 1; b <= layout.sequences(); ++b) offsets.push_back(layout.rows() + layout.offsets[b]);
  PackedLayout both = make_layout(std::move(offsets), layout.device());
  both.picked_P = at::cat({layout.picked_P, layout.picked_P + layout.rows()});
  return both;
}

}  // namespace hiddenkey
