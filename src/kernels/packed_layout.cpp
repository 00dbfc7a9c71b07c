#include "kernels/packed_layout.h"

#include <algorithm>
#include <numeric>

namespace hiddenkey {

namespace {

/// Hands out the parts of one tensor, one behind the other.
class Parts {
 public:
  explicit Parts(const at::Tensor& whole) : whole_(whole) {}
  at::Tensor take(int64_t size) { return whole_.narrow(0, std::exchange(start_, start_ + size), size); }

 private:
  at::Tensor whole_;
  int64_t start_ = 0;
};

/// The layout of one row a sequence. number_E is 0 .. B, zero_B and one_B are what they are called.
std::shared_ptr<const PackedLayout> one_row_each(const at::Tensor& number_E, const at::Tensor& zero_B,
                                                 const at::Tensor& one_B) {
  auto layout = std::make_shared<PackedLayout>();
  const at::Tensor number_B = number_E.narrow(0, 0, zero_B.size(0));
  layout->offset_E = number_E.to(at::kInt);
  layout->offsets.resize(static_cast<std::size_t>(number_B.size(0)) + 1);
  std::iota(layout->offsets.begin(), layout->offsets.end(), int64_t{0});
  layout->longest = 1;
  layout->sequence_N = layout->padded_N = layout->first_B = layout->picked_P = number_B;
  layout->position_N = zero_B;
  layout->length_B = one_B;
  layout->row_BT = number_B.unsqueeze(1);
  layout->valid_BT = one_B.unsqueeze(1).to(at::kBool);
  return layout;
}

/// Every index of a layout in one host tensor, so that a device gets them in one copy: one behind the other, in the
/// order in which make_layout takes them.
at::Tensor host_indices(const std::vector<int64_t>& offsets, int64_t longest, bool pinned) {
  const int64_t sequences = static_cast<int64_t>(offsets.size()) - 1;
  const int64_t rows = offsets.back(), padded = sequences * longest;
  at::Tensor host =
      at::zeros({3 * rows + 5 * sequences + 2 * padded + 2}, at::TensorOptions(at::kLong).pinned_memory(pinned));
  int64_t* sequence = host.data_ptr<int64_t>();
  int64_t* position = sequence + rows;
  int64_t* place = position + rows;
  int64_t* length = place + rows;
  int64_t* first = length + sequences;
  int64_t* shown = first + sequences + 1;
  int64_t* valid = shown + padded;
  int64_t* number = valid + padded;
  int64_t* one = number + sequences + 1 + sequences;  // zeros are between
  first[sequences] = rows;
  number[sequences] = sequences;
  for (int64_t b = 0; b < sequences; ++b) {
    length[b] = offsets[b + 1] - offsets[b];
    first[b] = offsets[b];
    number[b] = b;
    one[b] = 1;
    for (int64_t t = 0; t < length[b]; ++t) {
      const int64_t row = offsets[b] + t;
      sequence[row] = b;
      position[row] = t;
      place[row] = b * longest + t;
      shown[place[row]] = row;
      valid[place[row]] = 1;
    }
  }
  return host;
}

}  // namespace

PackedLayout make_layout(std::vector<int64_t> offsets, at::Device device) {
  PackedLayout layout;
  const int64_t sequences = static_cast<int64_t>(offsets.size()) - 1;
  const int64_t rows = offsets.back();
  for (int64_t b = 0; b < sequences; ++b) layout.longest = std::max(layout.longest, offsets[b + 1] - offsets[b]);
  const int64_t padded = sequences * layout.longest;
  const at::Tensor host = host_indices(offsets, layout.longest, device.is_cuda());
  Parts parts(device.is_meta() ? at::empty_like(host, at::TensorOptions(device))
                               : host.to(device, /*non_blocking=*/true));
  layout.sequence_N = parts.take(rows);
  layout.position_N = parts.take(rows);
  layout.padded_N = parts.take(rows);
  layout.length_B = parts.take(sequences);
  const at::Tensor first_E = parts.take(sequences + 1);
  layout.first_B = first_E.narrow(0, 0, sequences);
  layout.offset_E = first_E.to(at::kInt);
  layout.picked_P = layout.first_B;
  layout.row_BT = parts.take(padded).view({sequences, layout.longest});
  layout.valid_BT = parts.take(padded).view({sequences, layout.longest}).to(at::kBool);
  const at::Tensor number_E = parts.take(sequences + 1), zero_B = parts.take(sequences), one_B = parts.take(sequences);
  layout.firsts = one_row_each(number_E, zero_B, one_B);
  layout.offsets = std::move(offsets);
  return layout;
}

PackedLayout twice(const PackedLayout& layout) {
  std::vector<int64_t> offsets = layout.offsets;
  for (int64_t b = 1; b <= layout.sequences(); ++b) offsets.push_back(layout.rows() + layout.offsets[b]);
  PackedLayout both = make_layout(std::move(offsets), layout.device());
  both.picked_P = at::cat({layout.picked_P, layout.picked_P + layout.rows()});
  return both;
}

}  // namespace hiddenkey
