#include "task/text_task.h"

#include "io/send.h"
#include "task/encode_texts.h"

namespace hiddenkey {
namespace {

/// The rows that a decoder's classifier reads: the rightmost token of each sequence that is no padding, for a text may
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

Dataset TextTask::tokenize(const std::vector<TextExample>& examples, const Tokenizer& tokenizer, int64_t max_length,
                           const std::string& split) const {
  return encode_texts(examples, tokenizer, max_length, split);
}

void TextTask::add_targets(const PackedBatch& packed, const Architecture& architecture, DeviceBatch& batch) const {
  if (architecture.pooling == Pooling::kLast)
    batch.layout.picked_P = send(rows_before_padding(packed, architecture.pad_id), batch.ids_N.device());
  add_labels(packed, batch);
}

}  // namespace hiddenkey
