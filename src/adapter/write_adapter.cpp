#include <algorithm>
#include <nlohmann/json.hpp>

#include "adapter/adapter_file.h"
#include "adapter/fused_adapter.h"
#include "core/file.h"
#include "io/safetensors.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::json;

Json whole_if_whole(double value) {
  return value == static_cast<double>(static_cast<int64_t>(value)) ? Json(static_cast<int64_t>(value)) : Json(value);
}

}  // namespace

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
                     {"task_type", names.task_type()},
                     {"use_rslora", config.use_rslora}};
  make_writable_folder(folder);
  TensorList list;
  for (const NamedTensor& named : tensors) list.emplace_back(named.name, named.tensor);
  write_safetensors(folder / "adapter_model.safetensors", std::move(list));
  write_file_atomically(folder / "adapter_config.json", json.dump(2));
}

}  // namespace hiddenkey
