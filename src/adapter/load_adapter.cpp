#include "adapter/load_adapter.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "adapter/adapter_tensors.h"
#include "adapter/peft_match.h"
#include "adapter/residual.h"
#include "core/error.h"
#include "core/log.h"
#include "core/text.h"

/// O outputs, I inputs, R rank, V rows of an embedding, D its width.
namespace hiddenkey {
namespace {

using Module = WeightNames::Module;

/// A tensor of the base that was saved along, by its name in Transformers: PEFT's wrappers stand in between.
std::string base_name(std::string name) {
  for (const std::string wrapper : {".token_adapter.base_layer.", ".base_layer."}) {
    if (const std::size_t at = name.find(wrapper); at != std::string::npos) name.replace(at, wrapper.size(), ".");
  }
  return name;
}

class AdapterLoader {
 public:
  AdapterLoader(Network& network, WeightNames& names, const AdapterFile& file)
      : network_(network),
        names_(names),
        file_(file),
        match_(file),
        held_(file, network.leaves().front().tensor.scalar_type() == at::kDouble ? at::kDouble : at::kFloat) {
    find_tensors();
  }

  Trained load() {
    take_base_tensors();
    if (tells_head_apart()) untie();
    for (const PeftConfig::TokenRows& rows : file_.token_rows) take_token_rows(rows);
    for (const Module& module : names_.modules()) {
      if (saves(module)) {
        take_module(module);
      } else if (targets(module)) {
        take_adapter(module);
      }
    }
    pass_over_copies();
    held_.report();
    if (trained_.adapted.empty() && !adapts_embedding_)
      throw ModelError(cat(file_.folder.string(), ": target_modules match no module of this base"));
    return std::move(trained_);
  }

 private:
  /// The network's tensors, as views, under our names.
  void find_tensors() {
    tensors_.clear();
    for (NamedTensor& named : network_.tensors()) tensors_[named.name] = named.tensor;
  }

  /// With ensure_weight_tying the head gets what the token embeddings get, and the file holds both.
  bool follows_tokens(const Module& module, bool (AdapterLoader::*rule)(const Module&) const) const {
    return file_.ensure_weight_tying && was_tied_ && module.ours == "lm_head" &&
           (this->*rule)(*names_.find("embeddings.token.weight"));
  }
  bool saves(const Module& module) const {
    return match_.saves(module.theirs) || follows_tokens(module, &AdapterLoader::saves);
  }
  bool targets(const Module& module) const {
    return match_.targets(module) || follows_tokens(module, &AdapterLoader::targets);
  }

  /// The shape that the checkpoint gives a tensor of the network.
  std::vector<int64_t> held_shape(const Module& module, const std::string& ours) const {
    std::vector<int64_t> shape = tensors_.at(ours).sizes().vec();
    if (module.transposed) std::reverse(shape.begin(), shape.end());
    return shape;
  }

  void replace(const Module& module, const std::string& ours, const at::Tensor& tensor) {
    tensors_.at(ours).copy_(module.transposed && tensor.dim() == 2 ? tensor.t() : tensor);
  }

  /// The module and our name of a tensor of the base in the file; a tied head is the table of token embeddings.
  std::pair<const Module*, std::string> find_base(const std::string& name) const {
    const std::string prefix = peft_name("");
    if (!name.starts_with(prefix)) return {};
    std::string theirs = base_name(name.substr(prefix.size()));
    if (names_.has_tied_head() && theirs == "lm_head.weight") theirs = *names_.theirs("embeddings.token.weight");
    const std::optional<std::string> ours = names_.ours(theirs);
    if (!ours || !tensors_.contains(*ours)) return {};
    return {names_.find(*ours), *ours};
  }

  /// Embeddings, biases and other tensors of the base that stand in the file take the place of the base's, as in PEFT.
  void take_base_tensors() {
    std::vector<std::string> differing;
    std::set<std::string> replaced;
    const std::set<std::string> names = held_.rest();
    for (const std::string& name : names) {
      const auto [module, ours] = find_base(name);
      if (module == nullptr || is_saved(*module, name)) continue;
      const std::optional<at::Tensor> tensor = held_.take(name, held_shape(*module, ours));
      if (!tensor) continue;
      const at::Tensor& own = tensors_.at(ours);
      const bool trained = file_.bias != PeftConfig::Bias::kNone && ours.ends_with(".bias");
      const at::Tensor given = module->transposed && tensor->dim() == 2 ? tensor->t() : *tensor;
      if (!trained && !own.equal(given.to(own.scalar_type()).to(own.device()))) differing.push_back(name);
      replace(*module, ours, *tensor);
      replaced.insert(ours);
    }
    if (!differing.empty()) {
      log::warning(cat(file_.weights.string(),
                       ": tensors of the base were saved along, differ from this base's and take ",
                       "their place, as in PEFT: ", join_first(differing, kNamedTensors)));
    }
    require_biases(replaced);
  }

  /// In modules_to_save; a tied head's tensor is one's own name's there.
  bool is_saved(const Module& module, const std::string& name) const {
    if (name.starts_with(peft_name("lm_head."))) return match_.saves("lm_head") || follows_tied_tokens();
    return saves(module);
  }
  bool follows_tied_tokens() const {
    const Module* tokens = names_.find("embeddings.token.weight");
    return file_.ensure_weight_tying && names_.has_tied_head() && match_.saves(tokens->theirs);
  }

  void require_biases(const std::set<std::string>& replaced) {
    if (file_.bias == PeftConfig::Bias::kNone) return;
    for (const Module& module : names_.modules()) {
      const std::string ours = module.ours + ".bias";
      const bool adapted = targets(module);
      if (!module.bias || saves(module) || (file_.bias == PeftConfig::Bias::kLoraOnly && !adapted)) continue;
      if (!replaced.contains(ours)) held_.miss(peft_name(module.theirs) + (adapted ? ".base_layer.bias" : ".bias"));
    }
  }

  /// Whether a tied head computes something else than the token embeddings once the adapter is there.
  bool tells_head_apart() const {
    if (!names_.has_tied_head()) return false;
    const Module& tokens = *names_.find("embeddings.token.weight");
    const Module head{"lm_head", "lm_head", WeightNames::Kind::kLinear, false, true, -1};
    const bool own_rows = std::any_of(held_.rest().begin(), held_.rest().end(), [](const std::string& name) {
      return name.starts_with(peft_name("lm_head.token_adapter."));
    });
    return own_rows || match_.targets(head) || match_.saves("lm_head") || match_.targets(tokens) ||
           match_.saves(tokens.theirs);
  }

  void untie() {
    network_.untie_head();
    names_ = WeightNames(network_.architecture());
    was_tied_ = true;
    find_tensors();
    log::info("the adapter changes the language model's head and its token embeddings apart: they are no longer tied");
  }

  void take_token_rows(const PeftConfig::TokenRows& rows) {
    for (const Module& module : names_.modules()) {
      const bool wanted = rows.layer.empty() ? module.ours == "embeddings.token" : module.theirs.ends_with(rows.layer);
      if (!wanted) continue;
      const at::Tensor& table_VD = tensors_.at(module.ours + ".weight");
      const auto count = static_cast<int64_t>(rows.ids.size());
      for (const int64_t id : rows.ids) {
        if (id < 0 || id >= table_VD.size(0))
          held_.fail(
              cat("trainable_token_indices: ", id, " is no row of ", module.theirs, ", which has ", table_VD.size(0)));
      }
      const auto taken =
          held_.take(peft_name(module.theirs) + ".token_adapter.trainable_tokens_delta", {count, table_VD.size(1)});
      if (!taken) continue;
      const at::Tensor ids = at::tensor(rows.ids, at::kLong).to(table_VD.device());
      at::Tensor table = table_VD;
      table.index_copy_(0, ids, taken->to(table_VD.options()));
    }
  }

  /// A module of modules_to_save stands in the file whole.
  void take_module(const Module& module) {
    const std::string prefix = peft_name(module.theirs);
    const std::vector<NamedTensor> leaves = network_.leaves();
    for (const std::string suffix : {".weight", ".bias"}) {
      const std::string ours = module.ours + suffix;
      if (suffix == ".bias" && !module.bias) continue;
      if (const auto tensor = held_.take(prefix + suffix, held_shape(module, ours))) replace(module, ours, *tensor);
      for (const NamedTensor& leaf : leaves) {
        if (leaf.name != ours) continue;
        at::Tensor tensor = leaf.tensor;
        trained_.saved.push_back({prefix + suffix, tensor.set_requires_grad(true)});
        trained_.saved_parameters += tensor.numel();
      }
    }
  }

  /// PEFT's wrapper of a saved module, or of a container such as RoBERTa's head, keeps the base's module beside its
  /// own; with bias: all the file lists their biases under both, and PEFT reads neither.
  void pass_over_copies() {
    const std::set<std::string> names = held_.rest();
    for (const std::string& name : names) {
      for (const std::string wrapper : {".original_module.", ".modules_to_save.default.", ".modules_to_save."}) {
        const std::size_t place = name.find(wrapper);
        if (place == std::string::npos) continue;
        std::string plain = name;
        const auto [module, ours] = find_base(plain.replace(place, wrapper.size(), "."));
        if (module != nullptr && saves(*module)) held_.pass_over(name);
      }
    }
  }

  void take_adapter(const Module& module) {
    const LoraConfig own = match_.own(module.theirs);
    if (!std::isfinite(static_cast<float>(own.scaling())))
      held_.fail(cat("lora_alpha over r is beyond float32 for ", module.theirs));
    if (module.kind == WeightNames::Kind::kLinear) return take_linear(module, own);
    if (module.kind == WeightNames::Kind::kEmbedding) return take_embedding(module, own);
    held_.fail(cat("target_modules: ", module.theirs, " is neither a linear layer nor an embedding"));
  }

  void take_linear(const Module& module, const LoraConfig& own) {
    const TermNames names(module.theirs);
    const LinearPart part = network_.find_linear(module.ours);
    const auto a_RI = held_.take(names.a, {own.r, part.linear->weight_OI.size(1)});
    const auto b_OR = held_.take(names.b, {part.outputs, own.r});
    std::optional<at::Tensor> bias_O, magnitude_O;
    if (file_.lora_bias) bias_O = held_.take(peft_name(module.theirs) + ".lora_B.bias", {part.outputs});
    if (own.use_dora) magnitude_O = held_.take(names.magnitude, {part.outputs});
    if (!a_RI || !b_OR || (own.use_dora && !magnitude_O)) return;
    if (file_.residual != PeftConfig::Residual::kNone) {
      at::Tensor& weight_OI = tensors_.at(module.ours + ".weight");
      weight_OI.copy_(residual_weight(weight_OI, file_.residual, own.r, own.scaling(), module.transposed));
    }
    if (bias_O) add_bias(part, *bias_O * own.scaling());
    LowRank term;
    term.a_RI = *a_RI;
    term.b_OR = *b_OR;
    term.scaling = own.scaling();
    term.dropout = own.dropout;
    term.magnitude_O = magnitude_O.value_or(at::Tensor());
    add_low_rank(network_, names_, module, std::move(term), trained_);
  }

  /// A layer without a bias gets one.
  static void add_bias(const LinearPart& part, const at::Tensor& bias_O) {
    const at::Tensor& weight_OI = part.linear->weight_OI;
    if (!part.linear->bias_O.defined()) part.linear->bias_O = at::zeros({weight_OI.size(0)}, weight_OI.options());
    part.linear->bias_O.narrow(0, part.offset, part.outputs).add_(bias_O.to(weight_OI.options()));
  }

  /// The sum is one table again. A magnitude of an embedding is that of a column of the table.
  void take_embedding(const Module& module, const LoraConfig& own) {
    at::Tensor& table_VD = tensors_.at(module.ours + ".weight");
    const auto a_RV = held_.take(peft_name(module.theirs) + ".lora_embedding_A", {own.r, table_VD.size(0)});
    const auto b_DR = held_.take(peft_name(module.theirs) + ".lora_embedding_B", {table_VD.size(1), own.r});
    std::optional<at::Tensor> magnitude_D;
    if (own.use_dora) magnitude_D = held_.take(TermNames(module.theirs).magnitude, {table_VD.size(1)});
    if (!a_RV || !b_DR || (own.use_dora && !magnitude_D)) return;
    at::Tensor sum_VD = table_VD + at::matmul(a_RV->t(), b_DR->t()).mul_(own.scaling()).to(table_VD.options());
    if (magnitude_D) sum_VD.mul_(magnitude_D->to(table_VD.options()) / row_norms(sum_VD.t()));
    table_VD.copy_(sum_VD);
    adapts_embedding_ = true;
  }

  Network& network_;
  WeightNames& names_;
  const AdapterFile& file_;
  PeftMatch match_;
  AdapterTensors held_;
  bool was_tied_ = false;
  bool adapts_embedding_ = false;
  std::unordered_map<std::string, at::Tensor> tensors_;
  Trained trained_;
};

/// A checkpoint holds what `inject` makes ready for training, under the same names.
Trained load_checkpoint(Network& network, const WeightNames& names, const AdapterFile& file) {
  Trained trained = inject(network, names, file.lora, 0);
  for (NamedTensor& named : trained.tensors()) {
    const auto found = file.tensors.find(named.name);
    if (found == file.tensors.end() || found->second.sizes() != named.tensor.sizes())
      throw ModelError(cat(file.folder.string(), ": ", named.name, " is missing, or is of another base or rank"));
    named.tensor.copy_(found->second);
  }
  return trained;
}

}  // namespace

Trained load_adapter(Network& network, WeightNames& names, const AdapterFile& file) {
  const at::NoGradGuard guard;
  try {
    if (file.weights.empty()) return load_checkpoint(network, names, file);
    return AdapterLoader(network, names, file).load();
  } catch (const ConfigError& error) {
    throw ModelError(cat((file.folder / "adapter_config.json").string(), ": ", error.what()));
  }
}

}  // namespace hiddenkey
