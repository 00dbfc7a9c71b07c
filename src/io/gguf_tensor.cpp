#include "io/gguf_tensor.h"

#include <ATen/Parallel.h>

namespace hiddenkey {
namespace {

constexpr int64_t kGrain = 1 << 15;  // values that are worth a thread

}  // namespace

at::Tensor read_tensor(const Gguf& file, const std::string& name) {
  const GgufTensor& tensor = file.tensor(name);
  at::Tensor result = at::empty(tensor.shape, at::kFloat);
  const GgufType& type = *tensor.type;
  const std::byte* data = file.data(tensor);
  float* out = result.numel() > 0 ? result.mutable_data_ptr<float>() : nullptr;
  at::parallel_for(0, result.numel() / type.values, kGrain / type.values, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i)
      type.to_float(data + static_cast<std::size_t>(i) * type.bytes, out + i * type.values);
  });
  return result;
}

}  // namespace hiddenkey
