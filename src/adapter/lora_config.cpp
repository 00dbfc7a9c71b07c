#include "adapter/lora_config.h"

#include <cmath>

namespace hiddenkey {

double LoraConfig::scaling() const {
  const auto rank = static_cast<double>(r);
  return alpha / (use_rslora ? std::sqrt(rank) : rank);
}

}  // namespace hiddenkey
