#include <ATen/core/grad_mode.h>

#include "model/decoder_cache.h"
#include "model/network.h"

namespace hiddenkey {

at::Tensor Network::prefill(const DeviceBatch& prompts, DecoderCache& cache) const {
  const at::NoGradGuard no_grad;
  PackedLayout layout = prompts.layout;
  layout.picked_P = layout.first_B + layout.length_B - 1;
  const DropoutScope plain;
  const int64_t kv_width = 2 * architecture_.num_kv_heads * architecture_.head_size;
  const std::vector<Rotation> turns = rotations(layout);
  cache.begin(layout);
  at::Tensor x_ND = project(embed(prompts), plain);
  for (int64_t i = 0; i < architecture_.num_layers; ++i) {
    const LayerPass pass{plain, i, i + 1 == architecture_.num_layers ? Rows::kPicked : Rows::kAll};
    const Projected projected = blocks[i].project(x_ND, rotation_of(i, turns), layout, pass);
    cache.store_prompts(projected.qkv_NW, kv_width);
    x_ND = blocks[i].attend(projected, layout, layout, pass);
  }
  return final_norm_ ? final_norm_->forward(x_ND) : x_ND;
}

at::Tensor Network::decode_step(const at::Tensor& ids_R, DecoderCache& cache) const {
  const at::NoGradGuard no_grad;
  const DropoutScope plain;
  DeviceBatch batch{ids_R, at::Tensor(), at::Tensor(), PackedLayout()};
  batch.layout.position_N = cache.length_R();  // all that a step needs of a layout
  const std::vector<Rotation> turns = rotations(batch.layout);
  cache.begin_position();
  at::Tensor x_RD = project(embed(batch), plain);
  for (int64_t i = 0; i < architecture_.num_layers; ++i) {
    const Block& block = blocks[i];
    const LayerPass pass{plain, i};
    const Projected projected = block.project(x_RD, rotation_of(i, turns), batch.layout, pass);
    const at::Tensor& kv_CW = cache.store_position(i, projected.qkv_NW);
    const at::Tensor attended_RD = decode_attention(projected.qkv_NW, kv_CW, cache.cached(), block.shape);
    x_RD = block.complete(x_RD, attended_RD, pass);
  }
  return final_norm_ ? final_norm_->forward(x_RD) : x_RD;
}

}  // namespace hiddenkey
