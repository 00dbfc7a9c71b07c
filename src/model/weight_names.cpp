#include "model/weight_names.h"

#include <algorithm>

#include "core/text.h"
#include "model/families/family.h"

namespace hiddenkey {
namespace {

/// The module and the suffix (".weight") of a tensor's name.
std::pair<std::string, std::string> split_tensor(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string::npos ? std::pair{name, std::string()} : std::pair{name.substr(0, dot), name.substr(dot)};
}

/// What a config can leave out of a family's modules.
bool is_there(const OwnModule& module, const Architecture& a, int64_t layer) {
  if (module.place == ModulePlace::kEmbeddingProjection) return a.embedding_width() != a.hidden_size;
  return module.place != ModulePlace::kAttentionNorm || a.layer(layer).has_attention_norm;
}

}  // namespace

WeightNames::WeightNames(const Architecture& a)
    : family_(a.family), use_(a.head), tied_head_(a.tied_head), prefix_(a.family->prefix) {
  for (const ModuleName& name : family_->outside) add(a, name, prefix_ + name.theirs, -1, true);
  for (int64_t i = 0; i < a.num_layers; ++i) {
    const std::string layer = cat(prefix_, family_->layer_prefix, i, ".");
    for (const ModuleName& name : family_->layer) add(a, name, layer + name.theirs, i, true);
  }
  add_slices(a);
  add_head(a);
}

void WeightNames::add(const Architecture& a, const ModuleName& name, const std::string& theirs, int64_t layer,
                      bool in_base) {
  const OwnModule& own = own_module(name.ours);
  if (!is_there(own, a, layer)) return;
  modules_.push_back({layer < 0 ? name.ours : cat("layers.", layer, ".", name.ours), theirs, own.kind, has_bias(own, a),
                      in_base, layer, layer >= 0 && family_->transposed && own.kind == Kind::kLinear, &own});
}

void WeightNames::add_head(const Architecture& a) {
  const FamilyHead& head = family_->head_of(use_);
  if (use_ == HeadUse::kLanguage) {
    if (!tied_head_) add(a, {"lm_head", "lm_head"}, "lm_head", -1, true);
    return;
  }
  for (const ModuleName& name : {head.dense, head.norm}) {
    if (name.ours != nullptr) add(a, name, name.theirs, -1, head.is_pretrained);
  }
  add(a, head.output, head.output.theirs, -1, false);
}

void WeightNames::add_slices(const Architecture& a) {
  for (int64_t i = 0; i < a.num_layers; ++i) {
    for (const FusedModule& fused : family_->fused) {
      for (std::size_t number = 0; number < fused.parts.size(); ++number) {
        const ModuleName& part = fused.parts[number];
        const OwnModule& own = own_module(part.ours);
        const Module module{cat("layers.", i, ".", part.ours),
                            cat(prefix_, family_->layer_prefix, i, ".", part.theirs),
                            own.kind,
                            has_bias(own, a),
                            true,
                            i,
                            family_->transposed,
                            &own};
        slices_.push_back({module, cat("layers.", i, ".", fused.whole), static_cast<int64_t>(number),
                           static_cast<int64_t>(fused.parts.size())});
      }
    }
  }
}

const WeightNames::Module* WeightNames::find(const std::string& ours) const {
  const std::string module = split_tensor(ours).first;
  const auto found =
      std::find_if(modules_.begin(), modules_.end(), [&](const Module& known) { return known.ours == module; });
  return found == modules_.end() ? nullptr : &*found;
}

bool WeightNames::transposed() const { return family_->transposed; }

std::string WeightNames::model_class() const {
  const char* name = family_->classes.of(use_);
  return name == nullptr ? "" : name;
}

const char* WeightNames::task_type() const {
  if (use_ == HeadUse::kLanguage) return "CAUSAL_LM";
  return use_ == HeadUse::kTokens ? "TOKEN_CLS" : "SEQ_CLS";
}

std::span<const char* const> WeightNames::head_modules() const {
  return use_ == HeadUse::kLanguage ? std::span<const char* const>() : family_->head_of(use_).trained;
}

const WeightNames::Module* WeightNames::output_module() const {
  return use_ == HeadUse::kLanguage ? nullptr : find(cat(family_->head_of(use_).output.ours, ".weight"));
}

bool WeightNames::shares_matrix(const Module& module) const {
  return std::any_of(modules_.begin(), modules_.end(), [&](const Module& other) {
    return other.layer == module.layer && other.own->place == module.own->place && other.ours != module.ours;
  });
}

std::optional<std::string> WeightNames::theirs(const std::string& ours) const {
  const Module* module = find(ours);
  if (module == nullptr) return std::nullopt;
  return module->theirs + split_tensor(ours).second;
}

std::optional<std::string> WeightNames::ours(const std::string& theirs) const {
  const auto [module, suffix] = split_tensor(theirs);
  for (const Module& known : modules_) {
    if (known.theirs == module) return known.ours + suffix;
  }
  return std::nullopt;
}

}  // namespace hiddenkey
