#include "model/write_model.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "io/safetensors.h"
#include "model/families/family.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

void add_labels(Json& config, const std::vector<std::string>& labels, const std::string& problem_type) {
  config.erase("problem_type");
  if (!problem_type.empty()) config["problem_type"] = problem_type;
  Json id2label = Json::object(), label2id = Json::object();
  if (labels.empty()) id2label["0"] = "LABEL_0", label2id["LABEL_0"] = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    id2label[std::to_string(i)] = labels[i];
    label2id[labels[i]] = i;
  }
  config["id2label"] = std::move(id2label);
  config["label2id"] = std::move(label2id);
  config.erase("num_labels");
}

/// As Transformers and PyTorch write it in a config.
const char* name_of(at::ScalarType type) {
  if (type == at::kBFloat16) return "bfloat16";
  return type == at::kHalf ? "float16" : "float32";
}

std::string config_text(Json config, const Architecture& architecture, const WeightNames& names,
                        const std::vector<std::string>& labels, const std::string& problem_type, at::ScalarType type) {
  config["architectures"] = {names.model_class()};
  config["model_type"] = architecture.family->name;
  config["dtype"] = name_of(type);
  config.erase("torch_dtype");
  // An adapter may have told the head apart from the token embeddings.
  if (architecture.head == HeadUse::kLanguage) config["tie_word_embeddings"] = architecture.tied_head;
  if (architecture.head != HeadUse::kLanguage) add_labels(config, labels, problem_type);
  return config.dump(2) + "\n";
}

at::Tensor stored_as(const at::Tensor& tensor, const std::string& name, at::ScalarType type) {
  at::Tensor stored = tensor.to(type);
  if (type == at::kHalf && !at::isfinite(stored).all().item<bool>() && at::isfinite(tensor).all().item<bool>())
    throw ModelError(cat(name, ": holds numbers beyond what float16 holds; store the model as bfloat16 or float32"));
  return stored;
}

}  // namespace

void write_model(const fs::path& folder, const ModelTexts& base, const Network& network, const WeightNames& names,
                 const std::vector<std::string>& labels, const std::string& problem_type, at::ScalarType type) {
  TensorList tensors;
  for (const NamedTensor& named : network.tensors()) {
    const auto theirs = names.theirs(named.name);
    if (!theirs) throw Error(ErrorKind::kBug, cat("no name for the weight ", named.name));
    const bool transposed = names.find(named.name)->transposed && named.tensor.dim() == 2;
    tensors.emplace_back(*theirs, stored_as(transposed ? named.tensor.t() : named.tensor, *theirs, type));
  }
  const std::string config = config_text(base.config, network.architecture(), names, labels, problem_type, type);
  make_writable_folder(folder);
  for (const auto& [name, text] : base.tokenizer) write_file_atomically(folder / name, text);
  write_safetensors(folder / "model.safetensors", std::move(tensors));
  write_file_atomically(folder / "config.json", config);
}

}  // namespace hiddenkey
