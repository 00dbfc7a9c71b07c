#include "adapter/inject.h"

#include <algorithm>
#include <cmath>

#include "adapter/module_rules.h"
#include "core/error.h"
#include "core/text.h"
#include "dropout/draw.h"

namespace hiddenkey {
namespace {

/// Kaiming's uniform initialisation with a = sqrt(5), which PEFT uses for A: within 1 / sqrt(inputs).
at::Tensor initial_a(uint64_t seed, int64_t layer, uint32_t number, int64_t r, int64_t inputs) {
  const uint64_t key = mask_key(Draw{seed, -2, 0, 0}, layer, number);
  const double bound = 1.0 / std::sqrt(static_cast<double>(inputs));
  return draw_uniform(key, {r, inputs}, at::kCPU).mul_(2 * bound).sub_(bound);
}

/// The head's adapters and saved modules keep the head's type; a frozen bfloat16 base has float32 adapters.
at::ScalarType trained_type(const at::Tensor& weight) {
  return weight.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
}

/// An adapter's number in its layer is its module's place in the family's table, with the slices behind: it does not
/// depend on what else carries one.
uint32_t number_in_layer(const WeightNames& names, const WeightNames::Module& wanted) {
  uint32_t number = 0;
  for (const WeightNames::Module& module : names.modules()) {
    if (module.ours == wanted.ours) return number;
    if (module.layer == wanted.layer) ++number;
  }
  for (const WeightNames::Slice& slice : names.slices()) {
    if (slice.module.ours == wanted.ours) return number;
    if (slice.module.layer == wanted.layer) ++number;
  }
  return number;
}

}  // namespace

std::vector<NamedTensor> Trained::tensors() const {
  std::vector<NamedTensor> all;
  for (const Adapted& one : adapted) {
    for (NamedTensor& named : tensors_of(one)) all.push_back(std::move(named));
  }
  all.insert(all.end(), saved.begin(), saved.end());
  return all;
}

void add_low_rank(Network& network, const WeightNames& names, const WeightNames::Module& module, LowRank term,
                  Trained& trained) {
  const LinearPart part = network.find_linear(module.ours);
  const at::TensorOptions options = part.linear->weight_OI.options().dtype(trained_type(part.linear->weight_OI));
  for (at::Tensor* tensor : {&term.a_RI, &term.b_OR, &term.magnitude_O}) {
    if (!tensor->defined()) continue;
    *tensor = tensor->to(options.device(), options.dtype().toScalarType()).contiguous().set_requires_grad(true);
  }
  term.offset = part.offset;
  term.number = number_in_layer(names, module);
  trained.adapter_parameters += size_of(term);
  part.linear->adapters.push_back(term);
  trained.adapted.push_back({module, std::move(term)});
}

Trained inject(Network& network, const WeightNames& names, const LoraConfig& config, uint64_t seed) {
  Trained trained;
  const Targets targets = match_targets(config, names);
  trained.counts = targets.counts;
  const ModuleRules rules = rules_of(config);
  for (const WeightNames::Module& module : targets.modules) {
    const LinearPart part = network.find_linear(module.ours);
    if (part.linear == nullptr)
      throw ConfigError(cat("lora.target_modules: ", module.theirs, " cannot carry an adapter"));
    const LoraConfig own = rules.own(module.theirs);
    const at::Tensor& weight_OI = part.linear->weight_OI;
    LowRank term;
    term.a_RI = initial_a(seed, module.layer, number_in_layer(names, module), own.r, weight_OI.size(1));
    // On the weight's own device, which may be one that holds no numbers.
    term.b_OR = at::zeros({part.outputs, own.r}, weight_OI.options().dtype(at::kFloat));
    term.scaling = own.scaling();
    term.dropout = own.dropout;
    if (own.use_dora)
      term.magnitude_O = row_norms(weight_OI.narrow(0, part.offset, part.outputs).to(trained_type(weight_OI)));
    add_low_rank(network, names, module, std::move(term), trained);
  }
  const std::vector<NamedTensor> leaves = network.leaves();
  for (const WeightNames::Module& module : match_saved(config.modules_to_save, names)) {
    for (const NamedTensor& leaf : leaves) {
      if (leaf.name.substr(0, leaf.name.rfind('.')) != module.ours) continue;
      at::Tensor tensor = leaf.tensor;
      tensor.set_requires_grad(true);
      trained.saved.push_back({peft_name(*names.theirs(leaf.name)), tensor});
      trained.saved_parameters += tensor.numel();
    }
  }
  return trained;
}

Trained train_everything(Network& network) {
  Trained trained;
  for (NamedTensor& leaf : trained.saved = network.leaves()) {
    leaf.tensor.set_requires_grad(true);
    trained.saved_parameters += leaf.tensor.numel();
  }
  return trained;
}

std::vector<std::string> saved_module_names(const LoraConfig& config, const WeightNames& weights) {
  std::vector<std::string> names;
  if (!weights.head_modules().empty()) names = {"classifier", "score"};
  for (const std::string& name : config.modules_to_save) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

}  // namespace hiddenkey
