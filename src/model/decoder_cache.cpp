#include "model/decoder_cache.h"

#include <algorithm>

#include "io/send.h"

namespace hiddenkey {
namespace {

constexpr int64_t kLeastGrowth = 64;

std::vector<int64_t> picked(const std::vector<int64_t>& values, const std::vector<int64_t>& places) {
  std::vector<int64_t> result;
  result.reserve(places.size());
  for (const int64_t place : places) result.push_back(values[place]);
  return result;
}

bool is_identity(const std::vector<int64_t>& places) {
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i] != static_cast<int64_t>(i)) return false;
  }
  return true;
}

/// `rows` rows with those of `old` in front.
at::Tensor enlarged(const at::Tensor& old, int64_t rows) {
  at::Tensor result = at::empty({rows, old.size(1)}, old.options());
  result.narrow(0, 0, old.size(0)).copy_(old);
  return result;
}

}  // namespace

void DecoderCache::begin(const PackedLayout& prompts) {
  const int64_t sequences = prompts.sequences();
  slots_ = sequences * copies_;
  capacity_ = prompts.longest + kLeastGrowth;
  kv_CW_.clear();
  prompt_row_N_ = prompts.position_N * slots_ + prompts.sequence_N * copies_;
  at::Tensor row_RS = at::zeros({slots_, capacity_}, at::kLong);
  cached_.lengths.clear();
  std::vector<int64_t> slots;
  for (int64_t r = 0; r < slots_; ++r) {
    const int64_t prompt = r / copies_, length = prompts.offsets[prompt + 1] - prompts.offsets[prompt];
    int64_t* row = row_RS.data_ptr<int64_t>() + r * capacity_;
    for (int64_t s = 0; s < length; ++s) row[s] = s * slots_ + prompt * copies_;
    cached_.lengths.push_back(length);
    slots.push_back(r);
  }
  cached_.row_RS = send(row_RS, prompts.device());
  cached_.length_R = send(cached_.lengths, prompts.device());
  cached_.longest = prompts.longest;
  slot_R_ = send(slots, prompts.device());
}

void DecoderCache::store_prompts(const at::Tensor& qkv_NW, int64_t kv_width) {
  at::Tensor kv = at::empty({capacity_ * slots_, kv_width}, qkv_NW.options());
  kv.index_copy_(0, prompt_row_N_, qkv_NW.narrow(1, qkv_NW.size(1) - kv_width, kv_width));
  kv_CW_.push_back(std::move(kv));
}

void DecoderCache::grow() {
  const int64_t old = capacity_;
  capacity_ += std::max(kLeastGrowth, old / 2);
  for (at::Tensor& kv : kv_CW_) kv = enlarged(kv, capacity_ * slots_);
  at::Tensor row_RS = at::zeros({rows(), capacity_}, cached_.row_RS.options());
  row_RS.narrow(1, 0, old).copy_(cached_.row_RS);
  cached_.row_RS = std::move(row_RS);
}

void DecoderCache::begin_position() {
  if (cached_.longest == capacity_) grow();
  new_row_R_ = cached_.length_R * slots_ + slot_R_;
  cached_.row_RS.scatter_(1, cached_.length_R.unsqueeze(1), new_row_R_.unsqueeze(1));
  cached_.length_R = cached_.length_R + 1;
  for (int64_t& length : cached_.lengths) ++length;
  ++cached_.longest;
}

const at::Tensor& DecoderCache::store_position(int64_t layer, const at::Tensor& qkv_RW) {
  at::Tensor& kv = kv_CW_[layer];
  kv.index_copy_(0, new_row_R_, qkv_RW.narrow(1, qkv_RW.size(1) - kv.size(1), kv.size(1)));
  return kv;
}

void DecoderCache::reorder(const std::vector<int64_t>& parents) {
  if (is_identity(parents)) return;
  cached_.row_RS = cached_.row_RS.index_select(0, send(parents, cached_.row_RS.device()));
}

void DecoderCache::keep(const std::vector<int64_t>& rows) {
  if (static_cast<int64_t>(rows.size()) == this->rows() && is_identity(rows)) return;
  const at::Tensor index = send(rows, cached_.row_RS.device());
  cached_.row_RS = cached_.row_RS.index_select(0, index);
  cached_.length_R = cached_.length_R.index_select(0, index);
  slot_R_ = slot_R_.index_select(0, index);
  cached_.lengths = picked(cached_.lengths, rows);
  cached_.longest = *std::max_element(cached_.lengths.begin(), cached_.lengths.end());
}

}  // namespace hiddenkey
