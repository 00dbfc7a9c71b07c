#include "kernels/reference/keep_masks.h"

namespace hiddenkey::reference {

at::Tensor span_keep(const at::Tensor& uniform_RB, double rate, const PackedSequences& sequences) {
  const at::Tensor& length_B = sequences.length_B;
  const at::Tensor span_B = length_B.to(at::kDouble).mul_(rate).round_().clamp_min_(1);
  const at::Tensor places_B = (length_B - span_B).add_(1);
  const at::Tensor start_RB = (uniform_RB * places_B).floor_();
  const at::Tensor start_RN = start_RB.index_select(1, sequences.sequence_N);
  const at::Tensor end_RN = (start_RB + span_B).index_select(1, sequences.sequence_N);
  return sequences.position_N.lt(start_RN).bitwise_or_(sequences.position_N.ge(end_RN));
}

void keep_first_where_all_lost(at::Tensor& keep_HN, const PackedSequences& sequences) {
  const int64_t heads = keep_HN.size(0);
  const at::Tensor sequence_HN = sequences.sequence_N.expand({heads, keep_HN.size(1)});
  const at::Tensor kept_HB = at::zeros({heads, sequences.length_B.size(0)}, keep_HN.options().dtype(at::kInt))
                                 .scatter_add_(1, sequence_HN, keep_HN.to(at::kInt));
  const at::Tensor first_HB = keep_HN.index_select(1, sequences.first_B).bitwise_or_(kept_HB.eq(0));
  keep_HN.index_copy_(1, sequences.first_B, first_HB);
}

at::Tensor scale_kept(const at::Tensor& in, const UnitMask& mask) {
  const double scale = 1.0 / (1.0 - mask.rate);
  const int64_t size = in.size(0) / static_cast<int64_t>(mask.passes.size());
  std::vector<at::Tensor> parts;
  for (std::size_t pass = 0; pass < mask.passes.size(); ++pass) {
    const at::Tensor part = in.narrow(0, static_cast<int64_t>(pass) * size, size);
    if (!mask.passes[pass]) {
      parts.push_back(part);
      continue;
    }
    at::Tensor keep = draw_keep(*mask.passes[pass], {mask.rows, in.size(1)}, mask.rate, in.device());
    if (mask.row_P.defined()) keep = keep.index_select(0, mask.row_P);
    parts.push_back(part.mul(keep).mul(scale));
  }
  return parts.size() == 1 ? parts.front() : at::cat(parts);
}

}  // namespace hiddenkey::reference
