#include "kernels/mask_key.h"

#include "core/error.h"

namespace hiddenkey {
namespace {

/// The finalizer of SplitMix64 (Steele et al., OOPSLA 2014): every bit of the input changes half of the output's.
uint64_t mix(uint64_t value) {
  value += 0x9E3779B97F4A7C15U;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31);
}

}  // namespace

uint64_t mix_mask_key(uint64_t seed, int64_t step, int64_t micro_batch, int64_t pass, int64_t layer,
                      uint32_t position) {
  uint64_t key = mix(seed);
  for (const int64_t part : {step, micro_batch, pass, layer, static_cast<int64_t>(position)}) {
    key = mix(key ^ static_cast<uint64_t>(part));
  }
  return key;
}

uint64_t host_key(const MaskKey& key) {
  if (!key.draw.defined()) return key.value;
  if (!key.draw.is_cpu())
    throw Error(ErrorKind::kBug, "a mask's key on a device is read by that device's kernels alone");
  const int64_t* draw = key.draw.const_data_ptr<int64_t>();
  return mix_mask_key(static_cast<uint64_t>(draw[0]), draw[1], draw[2], draw[3], key.layer, key.position);
}

}  // namespace hiddenkey
