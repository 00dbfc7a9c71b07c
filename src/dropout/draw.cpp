#include "dropout/draw.h"

namespace hiddenkey {

uint64_t mask_key(const Draw& draw, int64_t layer, uint32_t position) {
  return mix_mask_key(draw.seed, draw.step, draw.micro_batch, draw.pass, layer, position);
}

}  // namespace hiddenkey
