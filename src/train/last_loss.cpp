#include "train/last_loss.h"

#include <c10/core/impl/VirtualGuardImpl.h>

#include <cstdio>

namespace hiddenkey {

void LastLoss::offer(const at::Tensor& loss) {
  if (loss.is_cpu()) {
    value_ = loss.item<double>();
    return;
  }
  receive();
  if (copied_) return;
  if (!host_.defined()) host_ = at::empty({}, at::TensorOptions(loss.scalar_type()).pinned_memory(true));
  host_.copy_(loss, /*non_blocking=*/true);
  copied_.emplace(loss.device().type());
  copied_->record(c10::impl::VirtualGuardImpl(loss.device().type()).getStream(loss.device()));
}

std::string LastLoss::note() {
  receive();
  char text[64] = "";
  if (value_) std::snprintf(text, sizeof text, "loss %.4f", *value_);
  return text;
}

void LastLoss::receive() {
  if (!copied_ || !copied_->query()) return;
  value_ = host_.item<double>();
  copied_.reset();
}

}  // namespace hiddenkey
