#include "lora/adapter_file.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "io/safetensors.h"
#include "lora/fused_adapter.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::json;

/// Options of PEFT that change what an adapter computes: refused unless they have the value that changes nothing.
/// fan_in_fan_out says how the base's weights lie, which PEFT sets right by itself.
const std::vector<std::pair<const char*, std::vector<Json>>>& neutral_values() {
  static const std::vector<std::pair<const char*, std::vector<Json>>> kValues = {{"bias", {"none"}},
                                                                                 {"fan_in_fan_out", {false, true}},
                                                                                 {"use_dora", {false}},
                                                                                 {"lora_bias", {false}},
                                                                                 {"layer_replication", {}},
                                                                                 {"alora_invocation_tokens", {}},
                                                                                 {"use_qalora", {false}},
                                                                                 {"target_parameters", {Json::array()}},
                                                                                 {"trainable_token_indices", {}},
                                                                                 {"use_bdlora", {false}},
                                                                                 {"arrow_config", {}},
                                                                                 {"kasa_config", {}},
                                                                                 {"velora_config", {}},
                                                                                 {"monteclora_config", {}},
                                                                                 {"exclude_modules", {Json::array()}}};
  return kValues;
}

class ConfigReader {
 public:
  explicit ConfigReader(const fs::path& path) : path_(path), json_(Json::parse(read_file(path), nullptr, false)) {
    if (!json_.is_object()) fail("is no valid JSON object");
  }

  void read(AdapterFile& file) const {
    const std::string kind = text("peft_type");
    if (kind != "LORA") fail(cat("peft_type: \"", kind, "\" is not supported, only LORA"));
    for (const auto& [name, neutral] : neutral_values()) {
      if (!json_.contains(name) || json_[name].is_null()) continue;
      if (std::find(neutral.begin(), neutral.end(), json_[name]) == neutral.end())
        fail(cat(name, ": ", json_[name].dump(), " is not supported"));
    }
    file.lora.r = whole("r", 8);
    file.lora.alpha = number("lora_alpha", 8);
    file.lora.dropout = number("lora_dropout", 0);
    file.lora.use_rslora = json_.value("use_rslora", Json(false)) == Json(true);
    file.base = json_.contains("base_model_name_or_path") && json_["base_model_name_or_path"].is_string()
                    ? text("base_model_name_or_path")
                    : "";
    file.lora.modules_to_save = names("modules_to_save");
    read_targets(file.lora);
    const Json ranks = object("rank_pattern"), alphas = object("alpha_pattern");
    for (const auto& [key, value] : ranks.items()) file.patterns.rank_pattern[key] = positive(value, "rank_pattern");
    for (const auto& [key, value] : alphas.items()) {
      if (!value.is_number()) fail("alpha_pattern: expected numbers");
      file.patterns.alpha_pattern[key] = value.get<double>();
    }
    if (json_.contains("layers_to_transform") && !json_["layers_to_transform"].is_null()) read_layers(file);
  }

 private:
  [[noreturn]] void fail(const std::string& reason) const { throw ModelError(cat(path_.string(), ": ", reason)); }

  std::string text(const char* name) const {
    if (!json_.contains(name) || !json_[name].is_string()) fail(cat(name, ": is missing, or no text"));
    return json_[name].get<std::string>();
  }
  int64_t positive(const Json& value, const char* name) const {
    if (!value.is_number_integer() || value.get<int64_t>() < 1)
      fail(cat(name, ": expected a whole number above 0, found ", value.dump()));
    return value.get<int64_t>();
  }
  int64_t whole(const char* name, int64_t otherwise) const {
    return json_.contains(name) ? positive(json_[name], name) : otherwise;
  }
  double number(const char* name, double otherwise) const {
    if (!json_.contains(name)) return otherwise;
    if (!json_[name].is_number()) fail(cat(name, ": expected a number, found ", json_[name].dump()));
    return json_[name].get<double>();
  }
  Json object(const char* name) const {
    if (!json_.contains(name) || json_[name].is_null()) return Json::object();
    if (!json_[name].is_object()) fail(cat(name, ": expected an object"));
    return json_[name];
  }
  std::vector<std::string> names(const char* name) const {
    std::vector<std::string> result;
    if (!json_.contains(name) || json_[name].is_null()) return result;
    if (!json_[name].is_array()) fail(cat(name, ": expected a list of names"));
    for (const Json& item : json_[name]) {
      if (!item.is_string()) fail(cat(name, ": expected a list of names"));
      result.push_back(item.get<std::string>());
    }
    return result;
  }
  void read_targets(LoraConfig& lora) const {
    if (json_.contains("target_modules") && json_["target_modules"].is_string()) {
      lora.target_regex = text("target_modules");
      lora.target_modules.clear();
      return;
    }
    lora.target_modules = names("target_modules");
    if (lora.target_modules.empty()) fail("target_modules: is missing or empty");
  }
  void read_layers(AdapterFile& file) const {
    const Json& layers = json_["layers_to_transform"];
    for (const Json& layer : layers.is_array() ? layers : Json::array({layers})) {
      if (!layer.is_number_integer()) fail("layers_to_transform: expected numbers of layers");
      file.layers_to_transform.push_back(layer.get<int64_t>());
    }
  }

  const fs::path& path_;
  Json json_;
};

/// Drops the adapters outside of layers_to_transform again.
void keep_layers(Network& network, Trained& trained, const std::vector<int64_t>& layers) {
  if (layers.empty()) return;
  const auto dropped = [&](const WeightNames::Module& module) {
    return std::find(layers.begin(), layers.end(), module.layer) == layers.end();
  };
  for (const WeightNames::Module& module : trained.adapted) {
    if (!dropped(module)) continue;
    const LinearPart part = network.find_linear(module.ours);
    std::erase_if(part.linear->adapters, [&](const LowRank& term) { return term.offset == part.offset; });
    std::erase_if(trained.tensors, [&](const NamedTensor& named) {
      return named.name.starts_with(peft_name(module.theirs) + ".lora_");
    });
  }
  std::erase_if(trained.adapted, dropped);
}

std::string first_few(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 6;
  if (names.size() <= kShown) return join(names, ", ");
  return cat(join({names.begin(), names.begin() + kShown}, ", "), " and ", names.size() - kShown, " more");
}

Json whole_if_whole(double value) {
  return value == static_cast<double>(static_cast<int64_t>(value)) ? Json(static_cast<int64_t>(value)) : Json(value);
}

}  // namespace

int64_t AdapterFile::head_outputs(const WeightNames& names) const {
  for (const WeightNames::Module& module : names.modules()) {
    const bool last = module.ours == "head.classifier" || module.ours == "head.out_proj" || module.ours == "head.score";
    const auto found = tensors.find(peft_name(module.theirs) + ".weight");
    if (last && found != tensors.end() && found->second.dim() == 2) return found->second.size(0);
  }
  return 0;
}

AdapterFile read_adapter(const fs::path& folder) {
  AdapterFile file;
  file.folder = folder;
  std::error_code error;
  if (!fs::exists(folder / "adapter_config.json", error))
    throw ModelError(cat(folder.string(), ": has no adapter_config.json, so it is no adapter"));
  const fs::path path = folder / "adapter_config.json";
  ConfigReader(path).read(file);
  if (!fs::exists(folder / "adapter_model.safetensors", error))
    throw ModelError(cat(folder.string(), ": has no adapter_model.safetensors"));
  const SafeTensors weights(folder / "adapter_model.safetensors");
  for (const auto& [name, entry] : weights.entries()) file.tensors[name] = weights.read(name);
  return file;
}

Trained load_adapter(Network& network, const WeightNames& names, const AdapterFile& file) {
  const at::NoGradGuard guard;
  const std::string source = (file.folder / "adapter_model.safetensors").string();
  Trained trained;
  try {
    trained = inject(network, names, file.lora, file.patterns, 0);
  } catch (const ConfigError& error) {
    throw ModelError(cat(file.folder.string(), ": the adapter does not fit this base: ", error.what()));
  }
  keep_layers(network, trained, file.layers_to_transform);
  std::vector<std::string> missing, misshapen, extra;
  for (const NamedTensor& named : trained.tensors) {
    const auto found = file.tensors.find(named.name);
    if (found == file.tensors.end()) {
      const bool head = named.name.find(".lora_") == std::string::npos;
      if (!head || file.head_outputs(names) != 0) missing.push_back(named.name);
    } else if (found->second.sizes() != named.tensor.sizes()) {
      misshapen.push_back(cat(named.name, " is ", found->second.sizes(), ", expected ", named.tensor.sizes()));
    } else if (!found->second.isfinite().all().item<bool>()) {
      throw ModelError(cat(source, ": ", named.name, " holds NaN or Inf"));
    } else {
      at::Tensor target = named.tensor;
      target.copy_(found->second);
    }
  }
  for (const auto& held : file.tensors) {
    const bool known = std::any_of(trained.tensors.begin(), trained.tensors.end(),
                                   [&](const NamedTensor& named) { return named.name == held.first; });
    if (!known) extra.push_back(held.first);
  }
  std::sort(extra.begin(), extra.end());
  if (!misshapen.empty())
    throw ModelError(cat(source, ": the adapter has another base or rank: ", first_few(misshapen)));
  if (!missing.empty()) throw ModelError(cat(source, ": tensors are missing: ", first_few(missing)));
  if (!extra.empty()) throw ModelError(cat(source, ": tensors that the base has no place for: ", first_few(extra)));
  return trained;
}

void write_adapter(const fs::path& folder, const LoraConfig& own_config, const std::string& base,
                   const WeightNames& names, const std::vector<NamedTensor>& own_tensors) {
  const auto [config, patterns, tensors] = fuse_slices(own_config, names, own_tensors);
  const std::vector<std::string> saved = saved_module_names(config, names);
  Json alpha_pattern = Json::object();
  for (const auto& [module, alpha] : patterns.alpha_pattern) alpha_pattern[module] = whole_if_whole(alpha);
  // Only fields that older versions of PEFT know too: they refuse others.
  std::vector<std::string> targets = config.target_modules;
  std::sort(targets.begin(), targets.end());
  const Json json = {{"alpha_pattern", alpha_pattern},
                     {"auto_mapping", nullptr},
                     {"base_model_name_or_path", base},
                     {"bias", "none"},
                     {"fan_in_fan_out", names.transposed()},
                     {"inference_mode", true},
                     {"init_lora_weights", true},
                     {"layers_pattern", nullptr},
                     {"layers_to_transform", nullptr},
                     {"lora_alpha", whole_if_whole(config.alpha)},
                     {"lora_dropout", config.dropout},
                     {"modules_to_save", saved.empty() ? Json(nullptr) : Json(saved)},
                     {"peft_type", "LORA"},
                     {"r", config.r},
                     {"rank_pattern", patterns.rank_pattern},
                     {"revision", nullptr},
                     {"target_modules", config.target_regex ? Json(*config.target_regex) : Json(targets)},
                     {"task_type", names.head_module().empty() ? "CAUSAL_LM" : "SEQ_CLS"},
                     {"use_rslora", config.use_rslora}};
  make_writable_folder(folder);
  TensorList list;
  for (const NamedTensor& named : tensors) list.emplace_back(named.name, named.tensor);
  write_safetensors(folder / "adapter_model.safetensors", std::move(list));
  write_file_atomically(folder / "adapter_config.json", json.dump(2));
}

}  // namespace hiddenkey
