#include <algorithm>
#include <nlohmann/json.hpp>

#include "adapter/adapter_file.h"
#include "adapter/fused_adapter.h"
#include "core/file.h"
#include "io/safetensors.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;  // patterns keep their order: the first that matches counts

Json whole_if_whole(double value) {
  return value == static_cast<double>(static_cast<int64_t>(value)) ? Json(static_cast<int64_t>(value)) : Json(value);
}

template <class Values>
Json list_or_null(const Values& values) {
  return values.empty() ? Json(nullptr) : Json(values);
}

/// Only fields that older versions of PEFT know too: they refuse others.
Json peft_config(const LoraConfig& config, const std::string& base, const WeightNames& names) {
  std::vector<std::string> targets = config.target_modules;
  std::sort(targets.begin(), targets.end());
  Json ranks = Json::object(), alphas = Json::object();
  for (const auto& [module, r] : config.rank_pattern) ranks[module] = r;
  for (const auto& [module, alpha] : config.alpha_pattern) alphas[module] = whole_if_whole(alpha);
  Json json = {{"alpha_pattern", alphas},
               {"auto_mapping", nullptr},
               {"base_model_name_or_path", base},
               {"bias", "none"},
               {"fan_in_fan_out", names.transposed()},
               {"inference_mode", true},
               {"init_lora_weights", true},
               {"layers_pattern", nullptr},
               {"layers_to_transform", list_or_null(config.layers_to_transform)},
               {"lora_alpha", whole_if_whole(config.alpha)},
               {"lora_dropout", config.dropout},
               {"modules_to_save", list_or_null(saved_module_names(config, names))},
               {"peft_type", "LORA"},
               {"r", config.r},
               {"rank_pattern", ranks},
               {"revision", nullptr},
               {"target_modules", config.target_regex ? Json(*config.target_regex) : Json(targets)},
               {"task_type", names.task_type()}};
  if (config.use_dora) json["use_dora"] = true;
  json["use_rslora"] = config.use_rslora;
  return json;
}

}  // namespace

void write_adapter(const fs::path& folder, const LoraConfig& config, const std::string& base, const WeightNames& names,
                   const Trained& trained) {
  const PeftAdapter adapter = fuse_slices(config, names, trained.adapted);
  make_writable_folder(folder);
  TensorList list;
  for (const Adapted& one : adapter.adapted) {
    for (const NamedTensor& named : tensors_of(one)) list.emplace_back(named.name, named.tensor);
  }
  for (const NamedTensor& named : trained.saved) list.emplace_back(named.name, named.tensor);
  write_safetensors(folder / "adapter_model.safetensors", std::move(list));
  write_file_atomically(folder / "adapter_config.json", peft_config(adapter.lora, base, names).dump(2));
}

}  // namespace hiddenkey
