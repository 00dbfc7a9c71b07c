#include "model/gguf_weights.h"

#include "core/text.h"
#include "io/gguf_tensor.h"

namespace hiddenkey {
namespace {

/// Rows of each head [K/2, 2] -> [2, K/2].
at::Tensor in_hub_order(const at::Tensor& tensor, int64_t heads) {
  const at::Tensor rows = tensor.dim() == 2 ? tensor : tensor.unsqueeze(1);
  return rows.view({heads, -1, 2, rows.size(1)}).transpose(1, 2).reshape(tensor.sizes());
}

}  // namespace

std::vector<std::string> GgufWeights::names() const {
  std::vector<std::string> names;
  for (const auto& [name, source] : model_->sources()) names.push_back(name);
  return names;
}

at::Tensor GgufWeights::read(const std::string& name) const {
  at::Tensor tensor = read_tensor(gguf(), source_of(name));
  const bool query = name.find("self_attn.q_proj.") != std::string::npos;
  if (!query && name.find("self_attn.k_proj.") == std::string::npos) return tensor;
  const int64_t heads = query ? model_->query_heads() : model_->key_heads();
  if (tensor.dim() < 1 || tensor.dim() > 2 || tensor.size(0) % (2 * heads) != 0)
    gguf().fail(source_of(name), cat(tensor.sizes(), " cannot be cut into ", heads, " heads of an even size"));
  return in_hub_order(tensor, heads);
}

}  // namespace hiddenkey
