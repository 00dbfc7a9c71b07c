#include "adapter/fused_adapter.h"

#include <algorithm>
#include <cmath>

#include "adapter/module_rules.h"

namespace hiddenkey {
namespace {

using Module = WeightNames::Module;

/// One fused module and its adapted parts.
struct Fused {
  const Module* whole = nullptr;
  std::vector<const WeightNames::Slice*> slices;
  std::vector<const LowRank*> terms;
  LoraConfig lora = {};  ///< of the whole module
};

const WeightNames::Slice* slice_of(const WeightNames& names, const Module& module) {
  const auto found = std::find_if(names.slices().begin(), names.slices().end(),
                                  [&](const WeightNames::Slice& slice) { return slice.module.ours == module.ours; });
  return found == names.slices().end() ? nullptr : &*found;
}

/// The parts of each fused module; what is no part goes to `others`.
std::vector<Fused> collect(const WeightNames& names, const std::vector<Adapted>& adapted,
                           std::vector<Adapted>& others) {
  std::vector<Fused> result;
  for (const Adapted& one : adapted) {
    const WeightNames::Slice* slice = slice_of(names, one.module);
    if (slice == nullptr) {
      others.push_back(one);
      continue;
    }
    const Module* whole = names.find(slice->whole + ".weight");
    auto place = std::find_if(result.begin(), result.end(), [&](const Fused& fused) { return fused.whole == whole; });
    if (place == result.end()) place = result.insert(result.end(), Fused{whole, {}, {}});
    place->slices.push_back(slice);
    place->terms.push_back(&one.term);
  }
  return result;
}

/// Each part's A below the others, and its B on the diagonal, at the rows of its outputs.
Adapted fused_term(const Fused& fused) {
  const LowRank& first = *fused.terms.front();
  const int64_t outputs = first.outputs(), r = first.a_RI.size(0);
  const int64_t parts = fused.slices.front()->count, adapted = static_cast<int64_t>(fused.slices.size());
  std::vector<at::Tensor> a_RI;
  LowRank whole;
  whole.b_OR = at::zeros({parts * outputs, adapted * r}, first.b_OR.options().requires_grad(false));
  for (int64_t i = 0; i < adapted; ++i) {
    const auto place = static_cast<std::size_t>(i);
    a_RI.push_back(fused.terms[place]->a_RI.detach());
    whole.b_OR.narrow(0, fused.slices[place]->number * outputs, outputs)
        .narrow(1, i * r, r)
        .copy_(fused.terms[place]->b_OR.detach());
  }
  whole.a_RI = at::cat(a_RI);
  return {*fused.whole, whole};
}

/// The config of a whole module: its parts have one rank and one alpha.
LoraConfig fused_config(const ModuleRules& rules, const Fused& fused) {
  LoraConfig own = rules.own(fused.slices.front()->module.theirs);
  const auto parts = static_cast<double>(fused.slices.size());
  own.r *= static_cast<int64_t>(fused.slices.size());
  own.alpha *= own.use_rslora ? std::sqrt(parts) : parts;
  return own;
}

}  // namespace

PeftAdapter fuse_slices(const LoraConfig& config, const WeightNames& names, const std::vector<Adapted>& adapted) {
  PeftAdapter result{config, {}};
  std::vector<Fused> fused = collect(names, adapted, result.adapted);
  if (fused.empty()) return {config, adapted};
  const ModuleRules rules = rules_of(config);
  for (Fused& one : fused) one.lora = fused_config(rules, one);
  const LoraConfig& first = fused.front().lora;
  const bool uniform = result.adapted.empty() && std::all_of(fused.begin(), fused.end(), [&](const Fused& one) {
                         return one.lora.r == first.r && one.lora.alpha == first.alpha;
                       });
  LoraConfig& lora = result.lora;
  lora.target_regex.reset();
  lora.target_modules.clear();
  lora.layers_to_transform.clear();  // the targets are named in full
  if (uniform) {
    lora.r = first.r;
    lora.alpha = first.alpha;
    lora.rank_pattern.clear();
    lora.alpha_pattern.clear();
  }
  ModulePatterns<int64_t> ranks;
  ModulePatterns<double> alphas;
  for (const Fused& one : fused) {
    result.adapted.push_back(fused_term(one));
    if (uniform) continue;
    ranks.emplace_back(one.whole->theirs, one.lora.r);
    alphas.emplace_back(one.whole->theirs, one.lora.alpha);
  }
  lora.rank_pattern.insert(lora.rank_pattern.begin(), ranks.begin(), ranks.end());
  lora.alpha_pattern.insert(lora.alpha_pattern.begin(), alphas.begin(), alphas.end());
  for (const Adapted& one : result.adapted) lora.target_modules.push_back(one.module.theirs);
  return result;
}

}  // namespace hiddenkey
