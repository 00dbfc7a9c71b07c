#pragma once

#include <ATen/ATen.h>
#include <c10/core/Event.h>

#include <optional>
#include <string>

namespace hiddenkey {

/// The newest loss that a device has handed over, for people who look on. It never waits for the device: a loss is
/// copied to the host while the next steps run, and is read once it has arrived.
class LastLoss {
 public:
  /// Takes a scalar on any device. Where the copy of an earlier one is still under way, this one is passed over.
  void offer(const at::Tensor& loss);
  /// "loss 0.6931"; empty until the first one has arrived.
  std::string note();

 private:
  void receive();

  at::Tensor host_;                   ///< page-locked, so that the copy runs beside the host
  std::optional<c10::Event> copied_;  ///< there while a copy is under way
  std::optional<double> value_;
};

}  // namespace hiddenkey
