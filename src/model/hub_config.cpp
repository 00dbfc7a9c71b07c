#include "model/hub_config.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "model/config_fields.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::json;

Activation read_activation(const ConfigFields& fields, const char* name) {
  static const std::vector<std::pair<std::string, Activation>> kActivations = {
      {"gelu", Activation::kGelu},
      {"gelu_new", Activation::kGeluTanh},
      {"gelu_pytorch_tanh", Activation::kGeluTanh},
      {"gelu_fast", Activation::kGeluTanh},
      {"relu", Activation::kRelu},
      {"silu", Activation::kSilu},
      {"swish", Activation::kSilu},
      {"tanh", Activation::kTanh}};
  const std::string wanted = fields.text(name, "gelu");
  std::vector<std::string> names;
  for (const auto& [known, activation] : kActivations) {
    if (wanted == known) return activation;
    names.push_back(known);
  }
  fields.fail(name, cat("\"", wanted, "\" is none of ", join(names, ", "), did_you_mean(wanted, names)));
}

/// BERT and RoBERTa share their config; RoBERTa counts positions from behind its padding token.
Architecture read_encoder(const ConfigFields& fields, const std::string& family) {
  const bool roberta = family == "roberta";
  Architecture a;
  a.family = family;
  a.vocab_size = fields.count("vocab_size");
  a.hidden_size = fields.count("hidden_size");
  a.num_layers = fields.count("num_hidden_layers");
  a.num_heads = fields.count("num_attention_heads");
  if (a.hidden_size % a.num_heads != 0) {
    fields.fail("num_attention_heads", cat(a.num_heads, " heads do not divide hidden_size ", a.hidden_size));
  }
  a.head_size = a.hidden_size / a.num_heads;
  a.intermediate_size = fields.count("intermediate_size");
  a.pad_id = fields.index("pad_token_id", roberta ? 1 : 0);
  a.position_offset = roberta ? a.pad_id + 1 : 0;
  a.max_positions = fields.count("max_position_embeddings", 512) - a.position_offset;
  if (a.max_positions < 1) fields.fail("max_position_embeddings", "leaves no position beside the padding offset");
  a.type_vocab_size = fields.count("type_vocab_size", 2);
  a.activation = read_activation(fields, "hidden_act");
  a.norm_epsilon = fields.positive("layer_norm_eps", roberta ? 1e-5 : 1e-12);
  a.initializer_range = fields.positive("initializer_range", 0.02);
  fields.require("position_embedding_type", "absolute");
  fields.require("is_decoder", false);
  fields.require("add_cross_attention", false);
  fields.require("embedding_size", a.hidden_size);
  if (fields.given("pruned_heads") && !fields.json()["pruned_heads"].empty())
    fields.fail("pruned_heads", "is not supported");
  if (fields.given("quantization_config")) fields.fail("quantization_config", "quantised weights are not supported");
  return a;
}

std::string family_of(const ConfigFields& fields) {
  std::string family = fields.text("model_type", "");
  if (family.empty() && fields.given("architectures") && fields.json()["architectures"].is_array()) {
    for (const Json& name : fields.json()["architectures"]) {
      if (!name.is_string()) continue;
      if (name.get<std::string>().starts_with("Bert")) family = "bert";
      if (name.get<std::string>().starts_with("Roberta")) family = "roberta";
    }
  }
  if (family.empty()) fields.fail("model_type", "is missing");
  for (const std::string& known : known_families()) {
    if (family == known) return family;
  }
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

}  // namespace

std::vector<std::string> known_families() { return {"bert", "roberta"}; }

HubConfig read_hub_config(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "config.json";
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    throw ModelError(cat(folder.string(), std::filesystem::exists(folder, error)
                                              ? ": is a file, expected the folder of a model"
                                              : ": there is no such model folder"));
  }
  if (!std::filesystem::exists(path, error))
    throw ModelError(cat(folder.string(), ": has no config.json, so it is no model folder"));
  const Json json = Json::parse(read_file(path), nullptr, false);
  if (!json.is_object()) throw ModelError(cat(path.string(), ": is no valid JSON object"));
  const ConfigFields fields(json, path.string());
  return {read_encoder(fields, family_of(fields)), read_labels(fields)};
}

}  // namespace hiddenkey
