#include "generate/network_model.h"

#include <ATen/core/grad_mode.h>

#include "io/send.h"

namespace hiddenkey {

NetworkModel::NetworkModel(const Network& network)
    : network_(network), device_(network.blocks.front().qkv.weight_OI.device()) {}

at::Tensor NetworkModel::logits(const at::Tensor& hidden_RD) const {
  return network_.head.forward(hidden_RD, DropoutScope()).to(at::kFloat);
}

at::Tensor NetworkModel::start(const std::vector<TokenIds>& prompts, int64_t copies) {
  const at::NoGradGuard no_grad;
  std::vector<int64_t> ids, offsets{0};
  for (const TokenIds& prompt : prompts) {
    ids.insert(ids.end(), prompt.begin(), prompt.end());
    offsets.push_back(static_cast<int64_t>(ids.size()));
  }
  DeviceBatch batch;
  batch.ids_N = send(ids, device_);
  batch.layout = make_layout(std::move(offsets), device_);
  cache_ = std::make_unique<DecoderCache>(copies);
  return logits(network_.prefill(batch, *cache_));
}

at::Tensor NetworkModel::step(const TokenIds& ids_R) {
  const at::NoGradGuard no_grad;
  const std::vector<int64_t> ids(ids_R.begin(), ids_R.end());
  return logits(network_.decode_step(send(ids, device_), *cache_));
}

}  // namespace hiddenkey
