#include "settings/run_config.h"

#include <algorithm>

#include "config/load.h"
#include "config/visitors.h"
#include "config/yaml_writer.h"
#include "core/error.h"
#include "core/file.h"
#include "core/log.h"
#include "core/text.h"
#include "data/task.h"
#include "dropout/plan.h"
#include "model/families/family.h"
#include "nn/architecture.h"
#include "settings/config_checks.h"
#include "settings/config_fields.h"
#include "settings/foreign_keys.h"
#include "settings/idle_keys.h"
#include "settings/resolve_config.h"
#include "settings/scheme.h"
#include "text/tokenizer.h"

namespace hiddenkey {
namespace {

void make_absolute(std::string& path) {
  if (path.empty()) return;
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  if (!error) path = absolute.lexically_normal().string();
}

/// Where an editor finds the schema of a printed config without a network. Nothing where there is no cache folder.
std::optional<fs::path> schema_file() {
  try {
    return cache_folder() / "run-config.schema.json";
  } catch (const IoError&) {
    return std::nullopt;
  }
}

void require_none(const Problems& problems) {
  const std::size_t errors = count_errors(problems);
  if (errors == 0) return;
  const auto first = std::find_if(problems.begin(), problems.end(),
                                  [](const Problem& problem) { return problem.severity == Severity::kError; });
  std::string line = to_line(*first);
  if (errors > 1) line += cat(" (and ", errors - 1, " more; `hiddenkey validate` lists them)");
  throw ConfigError(line);
}

void fill_config(const Value& tree, RunConfig& config, Problems& problems) {
  read_config(tree, config, problems, foreign_key_hint);
  choose_between_rivals(tree, config);
  apply_scheme(tree, config, problems);
}

/// Sections that have no part in such a run.
void leave_out_idle_sections(const RunConfig& config, OrderedJson& json) {
  leave_out_idle_keys(config, json);
  if (config.method == Method::kFull) json.erase("lora");
  if (!task_info(config.task).makes_text()) json.erase("generation");
}

}  // namespace

RunConfig resolve_config(const Value& tree, Problems& problems) {
  RunConfig config;
  fill_config(tree, config, problems);
  check_config(tree, config, problems);
  check_scheme(tree, config, problems);
  warn_of_idle_keys(tree, config, problems);
  return config;
}

RunConfig load_run_config(const fs::path& path, const std::vector<std::string>& overrides, Problems& problems) {
  const std::optional<Value> tree = load_tree(path, overrides, problems);
  return tree ? resolve_config(*tree, problems) : RunConfig();
}

OrderedJson resolved_json(const RunConfig& config) {
  OrderedJson json = config_to_json(config);
  leave_out_idle_sections(config, json);
  return json;
}

RunConfig require_run_config(const fs::path& path, const std::vector<std::string>& overrides) {
  Problems problems;
  RunConfig config = load_run_config(path, overrides, problems);
  require_none(problems);
  for (const Problem& problem : problems) log::warning(to_line(problem));
  return config;
}

RunConfig load_saved_config(const fs::path& path) {
  Problems problems;
  RunConfig config;
  if (const std::optional<Value> tree = load_tree(path, {}, problems)) fill_config(*tree, config, problems);
  require_none(problems);
  return config;
}

void override_config(RunConfig& config, const std::vector<std::string>& overrides) {
  Problems problems;
  const Value tree = load_overrides(overrides, problems);
  read_config(tree, config, problems, foreign_key_hint);
  choose_between_rivals(tree, config);
  require_none(problems);
}

void choose_targets(LoraConfig& config, const Architecture& architecture) {
  if (config.target_regex || !config.target_modules.empty()) return;
  const std::span<const char* const> targets = architecture.family->lora_targets;
  config.target_modules.assign(targets.begin(), targets.end());
}

void limit_length(const Tokenizer& tokenizer, RunConfig& config) {
  const std::optional<int64_t> limit = tokenizer.limit();
  if (!limit || *limit >= config.training.max_length) return;
  log::warning(cat("training.max_length: ", config.training.max_length, " is more than the ", *limit,
                   " tokens that the tokenizer gives a text (model_max_length); it is taken as ", *limit));
  config.training.max_length = *limit;
}

DropoutPlan plan_for(const RunConfig& config, const Architecture& architecture) {
  DropoutPlan plan = make_plan(config.dropout, architecture.num_layers, architecture.causal);
  plan.lora = config.method == Method::kLora ? config.lora.dropout : 0;
  return plan;
}

std::string schema_modeline() {
  const std::optional<fs::path> schema = schema_file();
  return schema ? cat("# yaml-language-server: $schema=", schema->string(), "\n") : "";
}

std::string to_yaml(RunConfig config) {
  TaskConfig& task = config.task;
  for (std::string* path : {&config.model.path, &task.data_dir, &task.train, &task.validation, &task.test,
                            &config.generation.meteor_data, &config.output_dir}) {
    make_absolute(*path);
  }
  OrderedJson json = config_to_json(config);
  YamlComments comments;
  leave_to_scheme(config, json, comments);
  leave_out_idle_sections(config, json);
  return schema_modeline() + to_yaml_text(json, comments);
}

std::string run_config_schema() {
  OrderedJson schema = {{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", "hiddenkey run config"}};
  schema.update(config_schema<RunConfig>());
  schema["type"] = "object";
  schema["properties"]["extends"] = {{"type", "string"},
                                     {"description", "a config file to build on, relative to the folder of this one"}};
  // What a file lacks may stand in the one that it extends.
  schema["if"] = {{"required", {"extends"}}};
  schema["else"] = required_schema<RunConfig>();
  return schema.dump(2);
}

void write_schema_file() {
  const std::optional<fs::path> path = schema_file();
  if (!path) return;
  try {
    std::error_code error;
    fs::create_directories(path->parent_path(), error);
    write_file_atomically(*path, run_config_schema() + "\n");
  } catch (const IoError& error) {
    log::debug(cat("editors will not find the schema of config.yaml: ", error.what()));
  }
}

std::vector<std::string> run_config_keys() { return all_keys(RunConfig()); }

}  // namespace hiddenkey
