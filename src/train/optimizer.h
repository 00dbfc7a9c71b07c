#pragma once

#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "model/network.h"
#include "settings/run_config.h"

namespace hiddenkey {

/// AdamW (Loshchilov and Hutter, ICLR 2019) over the trained tensors, by LibTorch's fused kernel. Nothing in it waits
/// for a device: a bad step is a flag on the device, which the kernel itself looks at.
class AdamW {
 public:
  /// Tensors whose name `no_decay` holds are not decayed.
  AdamW(std::vector<NamedTensor> trained, const TrainingConfig& config, const std::vector<std::string>& no_decay);

  void zero_grad();

  /// Clips the gradients to max_grad_norm and updates, unless the loss or the norm is not finite or a step before was
  /// so: then nothing changes, now or later. Returns the norm before clipping, a float32 scalar on the device.
  at::Tensor step(double learning_rate, const at::Tensor& loss);

  /// float32 scalar on the device: 1 from the first bad step on, else 0.
  const at::Tensor& failed() const { return failed_; }
  /// float32 scalar on the device: how many updates were done.
  const at::Tensor& updates_done() const { return steps_.front(); }
  const std::vector<NamedTensor>& trained() const { return trained_; }

  /// The state as named tensors, for a checkpoint, and back. ModelError where a tensor is missing or has another shape.
  std::vector<std::pair<std::string, at::Tensor>> state() const;
  void load_state(const std::unordered_map<std::string, at::Tensor>& state);

 private:
  std::vector<NamedTensor> trained_;
  std::vector<at::Tensor> averages_, squares_, steps_;
  std::vector<std::size_t> decayed_, plain_;
  at::Tensor failed_;
  double max_grad_norm_, weight_decay_, epsilon_, beta1_, beta2_;
};

}  // namespace hiddenkey
