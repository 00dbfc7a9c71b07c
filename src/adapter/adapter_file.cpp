#include "adapter/adapter_file.h"

#include "core/error.h"
#include "core/folder.h"
#include "core/text.h"
#include "io/tensor_file.h"

namespace hiddenkey {

int64_t AdapterFile::head_outputs(const Architecture& architecture) const {
  const WeightNames names(architecture);
  const WeightNames::Module* output = names.output_module();
  if (output == nullptr) return 0;
  const auto found = tensors.find(peft_name(output->theirs) + ".weight");
  return found != tensors.end() && found->second.dim() == 2 ? found->second.size(0) : 0;
}

bool holds_adapter(const fs::path& folder) { return path_exists(folder / "adapter_config.json"); }

AdapterFile read_adapter(const fs::path& folder) {
  if (!holds_adapter(folder))
    throw ModelError(cat(folder.string(), ": has no adapter_config.json, so it is no adapter"));
  AdapterFile file{read_peft_config(folder / "adapter_config.json"), folder, {}, {}};
  file.weights = folder / "adapter_model.safetensors";
  if (!path_exists(file.weights)) file.weights = folder / "adapter_model.bin";
  if (!path_exists(file.weights)) throw ModelError(cat(folder.string(), ": has no adapter_model.safetensors"));
  const std::unique_ptr<TensorFile> weights = open_tensor_file(file.weights);
  for (const std::string& name : weights->names()) file.tensors[name] = weights->read(name);
  return file;
}

}  // namespace hiddenkey
