#pragma once

#include <ATen/ATen.h>

#include <cstdint>

namespace hiddenkey {

/// Which stream of numbers a mask is drawn from.
struct MaskKey {
  MaskKey(uint64_t known) : value(known) {}  // NOLINT(google-explicit-constructor): a key is a number to most callers
  MaskKey(at::Tensor draw_4, int64_t of_layer, uint32_t at_position)
      : draw(std::move(draw_4)), layer(of_layer), position(at_position) {}

  uint64_t value = 0;  ///< where `draw` is undefined
  /// int64 [4] on the mask's device: seed, step, micro-batch and pass. They are mixed with the layer and the position
  /// when the mask is drawn, so a step that was captured once is replayed with other masks by writing to this tensor.
  at::Tensor draw;
  int64_t layer = 0;
  uint32_t position = 0;
};

/// The key of the stream for one mask: a function of these values and of nothing that ran before.
uint64_t mix_mask_key(uint64_t seed, int64_t step, int64_t micro_batch, int64_t pass, int64_t layer, uint32_t position);

/// The key's number on the host. Error (a bug) where `draw` is on a device: reading it would wait for the device.
uint64_t host_key(const MaskKey& key);

}  // namespace hiddenkey
