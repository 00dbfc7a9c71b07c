#include "kernels/mask_key.h"

#include "core/error.h"
#include "core/split_mix.h"

namespace hiddenkey {

uint64_t mix_mask_key(uint64_t seed, int64_t step, int64_t micro_batch, int64_t pass, int64_t layer,
                      uint32_t position) {
  uint64_t key = mix_bits(seed);
  for (const int64_t part : {step, micro_batch, pass, layer, static_cast<int64_t>(position)}) {
    key = mix_bits(key ^ static_cast<uint64_t>(part));
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
