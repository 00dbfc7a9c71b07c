#include "task/device_batch.h"

#include "io/send.h"

namespace hiddenkey {
namespace {

/// The row that a decoder's classifier reads of each sequence: its rightmost token that is no padding, for a text may
/// end in the token that pads; the first one where all of them pad.
std::vector<int64_t> rows_before_padding(const PackedBatch& batch, int64_t pad_id) {
  std::vector<int64_t> rows;
  for (std::size_t b = 0; b + 1 < batch.offsets.size(); ++b) {
    int64_t row = batch.offsets[b + 1] - 1;
    while (row > batch.offsets[b] && batch.ids[static_cast<std::size_t>(row)] == pad_id) --row;
    rows.push_back(row);
  }
  return rows;
}

}  // namespace

DeviceBatch to_device(const PackedBatch& batch, TaskKind kind, const Architecture& architecture, at::Device device) {
  DeviceBatch result;
  result.ids_N = send(batch.ids, device);
  result.type_ids_N = send(batch.type_ids, device);
  result.layout = make_layout(batch.offsets, device);
  if (architecture.causal && kind != TaskKind::kGeneration)
    result.layout.picked_P = send(rows_before_padding(batch, architecture.pad_id), device);
  if (kind == TaskKind::kGeneration) {
    result.layout.picked_P = send(batch.labelled, device);
    result.labels_B = send(batch.targets, device);
  } else if (!batch.labels.empty()) {
    const at::Tensor labels = at::tensor(batch.labels, at::kDouble);
    result.labels_B = send(labels.to(kind == TaskKind::kRegression ? at::kFloat : at::kLong), device);
  }
  return result;
}

}  // namespace hiddenkey
