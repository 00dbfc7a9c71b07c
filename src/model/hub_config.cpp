#include "model/hub_config.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/file.h"
#include "core/json_file.h"
#include "core/text.h"
#include "model/family_configs.h"
#include "model/gguf_model.h"
#include "model/model_files.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::json;

std::string family_of(const ConfigFields& fields) {
  std::string family = fields.text("model_type", "");
  if (family.empty() && fields.given("architectures") && fields.json()["architectures"].is_array()) {
    for (const Json& name : fields.json()["architectures"]) {
      if (!name.is_string()) continue;
      if (name.get<std::string>().starts_with("Bert")) family = "bert";
      if (name.get<std::string>().starts_with("Roberta")) family = "roberta";
      if (name.get<std::string>().starts_with("GPT2")) family = "gpt2";
      if (name.get<std::string>().starts_with("Llama")) family = "llama";
    }
  }
  if (family.empty()) fields.fail("model_type", "is missing");
  return family;
}

Architecture read_architecture(const ConfigFields& fields) {
  const std::string family = family_of(fields);
  if (fields.given("quantization_config")) fields.fail("quantization_config", "quantised weights are not supported");
  if (family == "bert" || family == "roberta") return read_encoder_config(fields, family);
  if (family == "gpt2") return read_gpt2_config(fields);
  if (family == "llama" || family == "mistral" || family == "qwen2") return read_llama_config(fields, family);
  fields.fail("model_type", cat("the family \"", family, "\" is not supported, only ", join(known_families(), ", "),
                                did_you_mean(family, known_families())));
}

std::vector<std::string> read_labels(const ConfigFields& fields) {
  std::vector<std::string> labels;
  if (!fields.given("id2label") || !fields.json()["id2label"].is_object()) return labels;
  const Json& map = fields.json()["id2label"];
  bool generic = true;
  for (std::size_t i = 0; i < map.size(); ++i) {
    const auto found = map.find(std::to_string(i));
    if (found == map.end() || !found->is_string()) return {};
    labels.push_back(found->get<std::string>());
    generic = generic && labels.back() == cat("LABEL_", i);
  }
  return generic ? std::vector<std::string>() : labels;
}

Json read_config_file(const fs::path& folder) {
  const fs::path path = folder / "config.json";
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    throw ModelError(cat(folder.string(), fs::exists(folder, error)
                                              ? ": is a file, expected the folder of a model or a .gguf file"
                                              : ": there is no such model folder"));
  }
  if (!fs::exists(path, error))
    throw ModelError(cat(folder.string(), ": has no config.json, so it is no model folder"));
  return read_json_object(path);
}

HubConfig from_json(const Json& json, const fs::path& source, HeadUse head) {
  const ConfigFields fields(json, source.string());
  HubConfig hub{read_architecture(fields), read_labels(fields)};
  hub.architecture.head = head;
  if (head == HeadUse::kLanguage && !hub.architecture.causal)
    fields.fail("model_type", cat(hub.architecture.family, " is no decoder, which generating text needs"));
  return hub;
}

void divide(std::vector<double>& frequencies, const std::vector<double>& divisors, const fs::path& source) {
  if (divisors.size() != frequencies.size()) {
    throw ModelError(cat(source.string(), ": rope_freqs.weight: has ", divisors.size(), " divisors for ",
                         frequencies.size(), " frequencies"));
  }
  for (std::size_t i = 0; i < frequencies.size(); ++i) frequencies[i] /= divisors[i];
}

}  // namespace

std::vector<std::string> known_families() { return {"bert", "roberta", "gpt2", "llama", "mistral", "qwen2"}; }

HubConfig read_hub_config(const fs::path& path, HeadUse head) {
  HubConfig hub;
  if (is_gguf(path)) {
    const GgufModel model(path);
    hub = from_json(model.config(), path, head);
    if (const auto divisors = model.frequency_divisors()) divide(hub.architecture.rotary, *divisors, path);
  } else {
    hub = from_json(read_config_file(path), path / "config.json", head);
  }
  return hub;
}

}  // namespace hiddenkey
