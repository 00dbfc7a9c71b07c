#include <memory>
#include <nlohmann/json.hpp>

#include "adapter/adapter_file.h"
#include "adapter/module_rules.h"
#include "commands/commands.h"
#include "core/error.h"
#include "core/folder.h"
#include "core/json_file.h"
#include "core/log.h"
#include "core/standard_files.h"
#include "core/text.h"
#include "data/task.h"
#include "io/weight_source.h"
#include "model/families/family.h"
#include "model/model_files.h"
#include "model/parameters.h"
#include "run/device.h"
#include "run/run_paths.h"
#include "run/run_weights.h"
#include "run/saved_task.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

int64_t count_parameters(const WeightSource& weights) {
  int64_t count = 0;
  for (const std::string& name : weights.names()) count += c10::multiply_integers(weights.shape(name));
  return count;
}

Json inspect_model(const ModelFiles& files) {
  const HubConfig hub = files.config();
  for (const std::string& note : hub.notes) log::warning(note);
  const Architecture& a = hub.architecture;
  const std::shared_ptr<const WeightSource> weights = files.weights();
  Json types = Json::object();
  for (const std::string& name : weights->names()) {
    const std::string type = weights->type(name);
    types[type] = types.value(type, 0) + 1;
  }
  return {{"kind", "model"},
          {"family", a.family->name},
          {"parameters", count_parameters(*weights)},
          {"tensors_by_type", types},
          {"layers", a.num_layers},
          {"hidden_size", a.hidden_size},
          {"heads", a.num_heads},
          {"intermediate_size", a.intermediate_size},
          {"vocab_size", a.vocab_size},
          {"max_length", a.max_positions},
          {"labels", hub.labels}};
}

Json inspect_adapter(const fs::path& folder) {
  const AdapterFile file = read_adapter(folder);
  int64_t adapters = 0, others = 0;
  for (const auto& [name, tensor] : file.tensors)
    (name.find(".lora_") == std::string::npos ? others : adapters) += tensor.numel();
  Json json = {
      {"kind", "adapter"},
      {"base", file.base},
      {"r", file.lora.r},
      {"alpha", file.lora.alpha},
      {"scaling", file.lora.scaling()},
      {"use_dora", file.lora.use_dora},
      {"target_modules", file.lora.target_regex ? Json(*file.lora.target_regex) : Json(file.lora.target_modules)},
      {"adapter_parameters", adapters},
      {"saved_parameters", others}};
  if (!file.lora.layers_to_transform.empty()) json["layers_to_transform"] = file.lora.layers_to_transform;
  for (const auto& [pattern, r] : file.lora.rank_pattern) json["rank_pattern"][pattern] = r;
  for (const auto& [pattern, alpha] : file.lora.alpha_pattern) json["alpha_pattern"][pattern] = alpha;
  if (const std::optional<SavedTask> saved = read_saved_task(folder)) {
    json["task"] = saved->info.name;
    json["labels"] = saved->info.labels;
    json["training"] = saved->training;
  }
  return json;
}

/// What a config would train: of the model only the headers are read.
Json inspect_config(const fs::path& path, const std::vector<std::string>& overrides) {
  RunConfig config = require_run_config(path, overrides);
  settle_dtype(config, choose_device(config.training.device));
  const ModelFiles files(config.model.path);
  const HubConfig hub = files.config(head_use(task_info(config.task).kind));
  choose_targets(config.lora, hub.architecture);
  const WeightNames names(hub.architecture);
  int64_t adapters = 0;
  Json targets = Json::object();
  if (config.method == Method::kLora) {
    const Targets matched = match_targets(config.lora, names);
    const ModuleRules rules = rules_of(config.lora);
    for (const auto& [name, count] : matched.counts) targets[name] = count;
    for (const WeightNames::Module& module : matched.modules) {
      const std::vector<int64_t> shape = expected_shape(hub.architecture, module.ours + ".weight", 1);
      adapters += rules.own(module.theirs).r * (shape[0] + shape[1]) + (config.lora.use_dora ? shape[0] : 0);
    }
  }
  const int64_t base = count_parameters(*files.weights());
  const int64_t bytes = config.model.dtype == BaseType::kBFloat16 ? 2 : 4;
  return {{"kind", "config"},
          {"model", config.model.path},
          {"parameters", base},
          {"lora_targets", targets},
          {"adapter_parameters", adapters},
          {"dropout_sites", plan_for(config, hub.architecture).describe()},
          {"weight_bytes", base * bytes}};  // what else a run holds depends on its data: train --dry-run
}

Json inspect_run(const fs::path& path, const std::vector<std::string>& overrides) {
  const RunPaths run(path);
  Json json = {{"kind", "run"}, {"config", inspect_config(run.config(), overrides)}};
  if (holds_adapter(run.adapter())) json["adapter"] = inspect_adapter(run.adapter());
  Json checkpoints = Json::array(), best = nullptr;
  for (const fs::path& checkpoint : checkpoints_of(run.checkpoints())) {
    checkpoints.push_back(checkpoint.filename().string());
    if (is_best(checkpoint)) best = checkpoint.filename().string();
  }
  json["checkpoints"] = checkpoints;
  json["best_checkpoint"] = best;
  if (path_exists(run.result())) json["result"] = read_ordered_json_object(run.result());
  return json;
}

Json inspect_any(const InspectOptions& options) {
  const fs::path path = options.path;
  std::error_code error;
  if (!path_exists(path)) throw ConfigError(cat(path.string(), ": there is no such file or folder"));
  const bool folder = fs::is_directory(path, error);
  if (folder && holds_adapter(path)) return inspect_adapter(path);
  if (const ModelFiles files(path); files.is_there()) return inspect_model(files);
  if (!folder) return inspect_config(path, options.overrides);
  if (!path_exists(RunPaths(path).config()))
    throw ConfigError(cat(path.string(), ": is neither a model, an adapter nor a run"));
  return inspect_run(path, options.overrides);
}

/// "key: value" lines, nested by indentation.
std::string to_text(const Json& json, const std::string& indent = "") {
  std::string text;
  for (const auto& [key, value] : json.items()) {
    if (value.is_object()) {
      text += cat(indent, key, ":\n", to_text(value, indent + "  "));
    } else {
      text +=
          cat(indent, key, ": ",
              value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace),
              "\n");
    }
  }
  return text;
}

int tokenize(const InspectOptions& options) {
  const Tokenizer tokenizer = ModelFiles(options.path).tokenizer();
  const std::string text = options.tokenize == "-" ? read_stdin() : read_file(options.tokenize);
  std::vector<std::string> lines = split(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  std::string out;
  for (const std::string& line : lines) {
    out += Json(tokenizer.encode(line).ids).dump() + "\n";
    if (out.size() > (1U << 20)) {
      print(out);
      out.clear();
    }
  }
  print(out);
  return 0;
}

}  // namespace

int run_inspect(const InspectOptions& options, const CommonOptions& common) {
  if (!options.tokenize.empty()) return tokenize(options);
  const Json json = inspect_any(options);
  print(common.json ? json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n" : to_text(json));
  return 0;
}

}  // namespace hiddenkey
