#include "model/parameters.h"

#include <algorithm>
#include <tuple>

#include "core/error.h"
#include "core/text.h"
#include "model/network.h"

namespace hiddenkey {
namespace {

using Module = WeightNames::Module;

/// Embeddings first, then each layer, then what stands behind the layers; in each the order of ModulePlace.
std::tuple<int, int64_t, ModulePlace> order_of(const Module& module) {
  const int group = module.layer >= 0 ? 1 : module.own->place < ModulePlace::kQkv ? 0 : 2;
  return {group, module.layer, module.own->place};
}

/// A matrix of several modules has a name of its own.
std::string name_of(const std::vector<Module>& modules) {
  const Module& first = modules.front();
  if (modules.size() == 1) return first.ours;
  return cat("layers.", first.layer, first.own->place == ModulePlace::kQkv ? ".attention.qkv" : ".mlp.gate_up");
}

/// Takes a weight out of the table: what is made one matrix with others is not held twice.
at::Tensor take_optional(Weights& weights, const std::string& name) {
  const auto found = weights.extract(name);
  return found ? found.mapped() : at::Tensor();
}

at::Tensor take(Weights& weights, const std::string& name) {
  at::Tensor found = take_optional(weights, name);
  if (!found.defined()) throw Error(ErrorKind::kBug, cat("the model is built without its weight ", name));
  return found;
}

/// Layers that share their input, as one matrix.
Linear make_linear(Weights& weights, const Slot& slot, const Architecture& a) {
  Linear linear;
  std::vector<at::Tensor> matrices, biases;
  for (const Module& module : slot.modules) {
    matrices.push_back(take(weights, module.ours + ".weight"));
    linear.widths.push_back(matrices.back().size(0));
    if (module.bias) biases.push_back(take(weights, module.ours + ".bias"));
  }
  if (slot.place == ModulePlace::kQkv)
    linear.widths = {size_of(ModuleSize::kQueries, a, 0), size_of(ModuleSize::kKeys, a, 0),
                     size_of(ModuleSize::kKeys, a, 0)};
  linear.weight_OI = matrices.size() == 1 ? matrices.front() : at::cat(matrices);
  if (!biases.empty()) linear.bias_O = biases.size() == 1 ? biases.front() : at::cat(biases);
  return linear;
}

Norm make_norm(Weights& weights, const Slot& slot, const Architecture& a) {
  const bool bias = slot.modules.front().bias;
  return {take(weights, slot.name + ".weight"), bias ? take(weights, slot.name + ".bias") : at::Tensor(),
          a.norm_epsilon, a.norm};
}

bool holds(const Slot& slot, const std::string& module) {
  return std::any_of(slot.modules.begin(), slot.modules.end(), [&](const Module& held) { return held.ours == module; });
}

}  // namespace

std::vector<Slot> make_slots(const WeightNames& names) {
  std::vector<Module> modules = names.modules();
  std::stable_sort(modules.begin(), modules.end(),
                   [](const Module& one, const Module& other) { return order_of(one) < order_of(other); });
  std::vector<Slot> slots;
  for (const Module& module : modules) {
    if (!slots.empty() && order_of(slots.back().modules.front()) == order_of(module)) {
      slots.back().modules.push_back(module);
    } else {
      slots.push_back({module.own->place, module.layer, "", module.kind, {module}});
    }
  }
  for (Slot& slot : slots) slot.name = name_of(slot.modules);
  return slots;
}

std::vector<int64_t> expected_shape(const Architecture& a, const std::string& ours, int64_t task_outputs) {
  std::string module = ours.substr(0, ours.rfind('.'));
  if (module.starts_with("layers.")) module = module.substr(module.find('.', std::string("layers.").size()) + 1);
  const OwnModule& own = own_module(module);
  const int64_t outputs = size_of(own.outputs, a, task_outputs);
  if (own.kind == ModuleKind::kNorm || ours.ends_with(".bias")) return {outputs};
  return {outputs, size_of(own.inputs, a, task_outputs)};
}

template <class Self>
auto& Network::linear_of(Self& self, const Slot& slot) {
  if (slot.place == ModulePlace::kHeadDense) return self.head.dense;
  if (slot.place == ModulePlace::kHeadOutput || slot.place == ModulePlace::kLanguageHead) return self.head.classifier;
  if (slot.place == ModulePlace::kEmbeddingProjection) return self.projection_;
  auto& block = self.blocks[static_cast<std::size_t>(slot.layer)];
  if (slot.place == ModulePlace::kQkv) return block.qkv;
  if (slot.place == ModulePlace::kAttentionOutput) return block.output;
  return slot.place == ModulePlace::kUp ? block.up : block.down;
}

template <class Self>
auto& Network::norm_of(Self& self, const Slot& slot) {
  if (slot.place == ModulePlace::kEmbeddingNorm) return self.embedding_norm_;
  if (slot.place == ModulePlace::kFinalNorm) return self.final_norm_;
  if (slot.place == ModulePlace::kHeadNorm) return self.head.norm;
  auto& block = self.blocks[static_cast<std::size_t>(slot.layer)];
  if (slot.place == ModulePlace::kQueryNorm) return block.query_norm;
  if (slot.place == ModulePlace::kKeyNorm) return block.key_norm;
  return slot.place == ModulePlace::kAttentionNorm ? block.attention_norm : block.mlp_norm;
}

template <class Self>
auto& Network::table_of(Self& self, const Slot& slot) {
  if (slot.place == ModulePlace::kPositions) return self.position_TD_;
  return slot.place == ModulePlace::kTypes ? self.type_YD_ : self.token_VD_;
}

void Network::place(const Slot& slot, Weights& weights) {
  switch (slot.kind) {
    case ModuleKind::kEmbedding:
      table_of(*this, slot) = take(weights, slot.name + ".weight");
      return;
    case ModuleKind::kNorm:
      norm_of(*this, slot) = make_norm(weights, slot, architecture_);
      return;
    case ModuleKind::kLinear:
      linear_of(*this, slot) = make_linear(weights, slot, architecture_);
      return;
  }
}

std::pair<at::Tensor, at::Tensor> Network::tensors_of(const Slot& slot) const {
  switch (slot.kind) {
    case ModuleKind::kEmbedding:
      return {table_of(*this, slot), at::Tensor()};
    case ModuleKind::kNorm:
      return {norm_of(*this, slot)->weight_D, norm_of(*this, slot)->bias_D};
    case ModuleKind::kLinear:
      return {linear_of(*this, slot).weight_OI, linear_of(*this, slot).bias_O};
  }
  return {};
}

std::vector<NamedTensor> Network::leaves() const {
  std::vector<NamedTensor> result;
  for (const Slot& slot : slots_) {
    const auto [weight, bias] = tensors_of(slot);
    const bool decays = slot.kind != ModuleKind::kNorm;
    result.push_back({slot.name + ".weight", weight, decays});
    if (bias.defined()) result.push_back({slot.name + ".bias", bias, false});
  }
  return result;
}

std::vector<NamedTensor> Network::parts(const NamedTensor& leaf) const {
  const std::string suffix = leaf.name.substr(leaf.name.rfind('.'));
  for (const Slot& slot : slots_) {
    if (slot.modules.size() == 1 || slot.name + suffix != leaf.name) continue;
    std::vector<NamedTensor> result;
    int64_t offset = 0;
    for (const Module& module : slot.modules) {
      const int64_t outputs = size_of(module.own->outputs, architecture_, 0);
      result.push_back({module.ours + suffix, leaf.tensor.narrow(0, offset, outputs), leaf.decays});
      offset += outputs;
    }
    return result;
  }
  return {leaf};
}

std::vector<NamedTensor> Network::tensors() const {
  std::vector<NamedTensor> result;
  for (const NamedTensor& leaf : leaves()) {
    for (NamedTensor& part : parts(leaf)) result.push_back(std::move(part));
  }
  return result;
}

LinearPart Network::find_linear(const std::string& module) {
  for (const Slot& slot : slots_) {
    if (slot.kind != ModuleKind::kLinear || !holds(slot, module)) continue;
    LinearPart part{&linear_of(*this, slot), 0, 0};
    for (const Module& held : slot.modules) {
      part.offset += part.outputs;
      part.outputs =
          slot.modules.size() == 1 ? part.linear->weight_OI.size(0) : size_of(held.own->outputs, architecture_, 0);
      if (held.ours == module) return part;
    }
  }
  const WeightNames names(architecture_);
  for (const WeightNames::Slice& slice : names.slices()) {
    if (slice.module.ours != module) continue;
    LinearPart part = find_linear(slice.whole);
    part.outputs /= slice.count;
    part.offset += slice.number * part.outputs;
    return part;
  }
  return {};
}

std::vector<Linear*> Network::linears() {
  std::vector<Linear*> result;
  for (const Slot& slot : slots_) {
    if (slot.kind == ModuleKind::kLinear) result.push_back(&linear_of(*this, slot));
  }
  return result;
}

}  // namespace hiddenkey
