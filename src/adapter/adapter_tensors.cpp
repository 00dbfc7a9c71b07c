#include "adapter/adapter_tensors.h"

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {

AdapterTensors::AdapterTensors(const AdapterFile& file, at::ScalarType type) : file_(file), type_(type) {
  for (const auto& held : file.tensors) rest_.insert(held.first);
}

std::optional<at::Tensor> AdapterTensors::take(const std::string& name, const std::vector<int64_t>& shape) {
  const auto found = file_.tensors.find(name);
  rest_.erase(name);
  if (found == file_.tensors.end()) {
    miss(name);
    return std::nullopt;
  }
  const at::Tensor& held = found->second;
  if (held.sizes() != at::IntArrayRef(shape)) {
    misshapen_.push_back(cat(name, " is ", held.sizes(), ", expected ", at::IntArrayRef(shape)));
    return std::nullopt;
  }
  if (!at::isFloatingType(held.scalar_type()))
    fail(cat(name, " holds ", c10::toString(held.scalar_type()), " numbers, expected floating-point ones"));
  const at::Tensor tensor = held.to(type_, false, true);
  if (!tensor.isfinite().all().item<bool>()) fail(cat(name, " holds NaN, Inf or a number beyond float32"));
  return tensor;
}

void AdapterTensors::report() const {
  if (!misshapen_.empty()) fail(cat("the adapter has another base or rank: ", join_first(misshapen_, kNamedTensors)));
  if (!missing_.empty()) fail(cat("tensors are missing: ", join_first(missing_, kNamedTensors)));
  if (!rest_.empty())
    fail(cat("tensors that the base has no place for: ", join_first({rest_.begin(), rest_.end()}, kNamedTensors)));
}

void AdapterTensors::fail(const std::string& reason) const {
  throw ModelError(cat(file_.weights.string(), ": ", reason));
}

}  // namespace hiddenkey
