#include "adapter/fused_adapter.h"

#include <algorithm>
#include <cmath>

namespace hiddenkey {
namespace {

using Module = WeightNames::Module;

/// The adapted parts of one fused module.
struct Fused {
  const Module* whole = nullptr;
  std::vector<const WeightNames::Slice*> slices;
  std::vector<at::Tensor> a_RI, b_OR;
};

const WeightNames::Slice* slice_of(const WeightNames& names, const std::string& tensor) {
  const auto found = std::find_if(names.slices().begin(), names.slices().end(), [&](const WeightNames::Slice& slice) {
    return tensor.starts_with(peft_name(slice.module.theirs) + ".lora_");
  });
  return found == names.slices().end() ? nullptr : &*found;
}

std::vector<Fused> collect(const WeightNames& names, const std::vector<NamedTensor>& tensors,
                           std::vector<NamedTensor>& others) {
  std::vector<Fused> result;
  for (const NamedTensor& named : tensors) {
    const WeightNames::Slice* slice = slice_of(names, named.name);
    if (slice == nullptr) {
      others.push_back(named);
      continue;
    }
    const Module* whole = names.find(slice->whole + ".weight");
    auto place = std::find_if(result.begin(), result.end(), [&](const Fused& fused) { return fused.whole == whole; });
    if (place == result.end()) place = result.insert(result.end(), Fused{whole, {}, {}, {}});
    if (named.name.ends_with(".lora_A.weight")) {
      place->slices.push_back(slice);
      place->a_RI.push_back(named.tensor.detach());
    } else {
      place->b_OR.push_back(named.tensor.detach());
    }
  }
  return result;
}

/// Each part's B on the diagonal, at the rows of its outputs.
at::Tensor block_matrix(const Fused& fused) {
  const int64_t outputs = fused.b_OR.front().size(0), r = fused.b_OR.front().size(1);
  const int64_t parts = fused.slices.front()->count, adapted = static_cast<int64_t>(fused.slices.size());
  at::Tensor b = at::zeros({parts * outputs, adapted * r}, fused.b_OR.front().options());
  for (int64_t i = 0; i < adapted; ++i) {
    b.narrow(0, fused.slices[static_cast<std::size_t>(i)]->number * outputs, outputs)
        .narrow(1, i * r, r)
        .copy_(fused.b_OR[static_cast<std::size_t>(i)]);
  }
  return b;
}

}  // namespace

PeftAdapter fuse_slices(const LoraConfig& config, const WeightNames& names, const std::vector<NamedTensor>& tensors) {
  PeftAdapter result{config, {}, {}};
  const std::vector<Fused> fused = collect(names, tensors, result.tensors);
  if (fused.empty()) return {config, {}, tensors};
  std::vector<std::string> targets;
  const bool adapters_beside = std::any_of(result.tensors.begin(), result.tensors.end(), [](const NamedTensor& named) {
    return named.name.find(".lora_") != std::string::npos;
  });
  const std::size_t count = fused.front().slices.size();
  const bool uniform = !adapters_beside && std::all_of(fused.begin(), fused.end(),
                                                       [&](const Fused& one) { return one.slices.size() == count; });
  for (const Fused& one : fused) {
    const auto parts = static_cast<double>(one.slices.size());
    const int64_t r = config.r * static_cast<int64_t>(one.slices.size());
    const double alpha = config.alpha * (config.use_rslora ? std::sqrt(parts) : parts);
    const std::string& name = one.whole->theirs;
    if (uniform) {
      result.lora.r = r;
      result.lora.alpha = alpha;
    } else {
      result.patterns.rank_pattern[name] = r;
      result.patterns.alpha_pattern[name] = alpha;
    }
    targets.push_back(name);
    result.tensors.push_back({peft_name(name) + ".lora_A.weight", at::cat(one.a_RI)});
    result.tensors.push_back({peft_name(name) + ".lora_B.weight", block_matrix(one)});
  }
  for (const NamedTensor& named : result.tensors) {
    const std::size_t end = named.name.find(".lora_A.weight");
    const std::string module = named.name.substr(0, end).substr(peft_name("").size());
    if (end != std::string::npos && std::find(targets.begin(), targets.end(), module) == targets.end())
      targets.push_back(module);
  }
  result.lora.target_regex.reset();
  result.lora.target_modules = targets;
  return result;
}

}  // namespace hiddenkey
