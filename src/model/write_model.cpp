#include "model/write_model.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "io/safetensors.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

std::string config_text(const fs::path& base_folder, const Architecture& architecture, const WeightNames& names,
                        const std::vector<std::string>& labels) {
  const fs::path path = base_folder / "config.json";
  Json config = Json::parse(read_file(path), nullptr, false);
  if (!config.is_object()) throw ModelError(cat(path.string(), ": is no valid JSON object"));
  config["architectures"] = {names.model_class()};
  config["model_type"] = architecture.family;
  config["dtype"] = "float32";
  config.erase("torch_dtype");
  config["problem_type"] = labels.empty() ? "regression" : "single_label_classification";
  Json id2label = Json::object(), label2id = Json::object();
  if (labels.empty()) id2label["0"] = "LABEL_0", label2id["LABEL_0"] = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    id2label[std::to_string(i)] = labels[i];
    label2id[labels[i]] = i;
  }
  config["id2label"] = std::move(id2label);
  config["label2id"] = std::move(label2id);
  config.erase("num_labels");
  return config.dump(2) + "\n";
}

}  // namespace

std::vector<fs::path> tokenizer_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const char* name : {"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt",
                           "vocab.json", "merges.txt", "added_tokens.json"}) {
    std::error_code error;
    if (fs::is_regular_file(folder / name, error)) files.push_back(folder / name);
  }
  return files;
}

void write_model(const fs::path& folder, const fs::path& base_folder, const Network& network, const WeightNames& names,
                 const std::vector<std::string>& labels) {
  TensorList tensors;
  for (const NamedTensor& named : network.tensors()) {
    const auto theirs = names.theirs(named.name);
    if (!theirs) throw Error(ErrorKind::kBug, cat("no name for the weight ", named.name));
    const bool transposed = names.find(named.name)->transposed && named.tensor.dim() == 2;
    tensors.emplace_back(*theirs, (transposed ? named.tensor.t() : named.tensor).to(at::kFloat));
  }
  const std::string config = config_text(base_folder, network.architecture(), names, labels);
  make_writable_folder(folder);
  for (const fs::path& file : tokenizer_files(base_folder))
    write_file_atomically(folder / file.filename(), read_file(file));
  write_safetensors(folder / "model.safetensors", std::move(tensors));
  write_file_atomically(folder / "config.json", config);
}

}  // namespace hiddenkey
