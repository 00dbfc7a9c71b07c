#include "adapter/adapter_file.h"

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "io/tensor_file.h"

namespace hiddenkey {

int64_t AdapterFile::head_outputs(const WeightNames& names) const {
  for (const WeightNames::Module& module : names.modules()) {
    const bool last = module.ours == "head.classifier" || module.ours == "head.out_proj" || module.ours == "head.score";
    const auto found = tensors.find(peft_name(module.theirs) + ".weight");
    if (last && found != tensors.end() && found->second.dim() == 2) return found->second.size(0);
  }
  return 0;
}

AdapterFile read_adapter(const fs::path& folder) {
  const auto holds = [&](const char* name) {
    std::error_code error;
    return fs::exists(folder / name, error);
  };
  if (!holds("adapter_config.json"))
    throw ModelError(cat(folder.string(), ": has no adapter_config.json, so it is no adapter"));
  AdapterFile file{read_peft_config(folder / "adapter_config.json"), folder, {}, {}};
  file.weights = folder / (holds("adapter_model.safetensors") ? "adapter_model.safetensors" : "adapter_model.bin");
  if (!holds(file.weights.filename().c_str()))
    throw ModelError(cat(folder.string(), ": has no adapter_model.safetensors"));
  const std::unique_ptr<TensorFile> weights = open_tensor_file(file.weights);
  for (const std::string& name : weights->names()) file.tensors[name] = weights->read(name);
  return file;
}

}  // namespace hiddenkey
