#include "train/run_config.h"

#include <algorithm>

#include "config/load.h"
#include "config/visitors.h"
#include "config/yaml_writer.h"
#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "data/task.h"
#include "dropout/plan.h"
#include "train/config_checks.h"
#include "train/config_fields.h"

namespace hiddenkey {
namespace {

void make_absolute(std::string& path) {
  if (path.empty()) return;
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  if (!error) path = absolute.lexically_normal().string();
}

void require_none(const Problems& problems) {
  if (problems.empty()) return;
  std::string line = to_line(problems.front());
  if (problems.size() > 1) line += cat(" (and ", problems.size() - 1, " more; `hiddenkey validate` lists them)");
  throw ConfigError(line);
}

}  // namespace

RunConfig load_run_config(const fs::path& path, const std::vector<std::string>& overrides, Problems& problems) {
  RunConfig config;
  const std::optional<Value> tree = load_tree(path, overrides, problems);
  if (!tree) return config;
  read_config(*tree, config, problems);
  apply_scheme(*tree, config, problems);
  check_config(*tree, config, problems);
  return config;
}

RunConfig require_run_config(const fs::path& path, const std::vector<std::string>& overrides) {
  Problems problems;
  RunConfig config = load_run_config(path, overrides, problems);
  require_none(problems);
  return config;
}

void override_config(RunConfig& config, const std::vector<std::string>& overrides) {
  Problems problems;
  const Value tree = load_overrides(overrides, problems);
  read_config(tree, config, problems);
  require_none(problems);
}

std::string to_yaml(RunConfig config) {
  TaskConfig& task = config.task;
  for (std::string* path : {&config.model.path, &task.data_dir, &task.train, &task.validation, &task.test,
                            &config.generation.meteor_data, &config.output_dir}) {
    make_absolute(*path);
  }
  OrderedJson json = config_to_json(config);
  if (config.method == Method::kFull) json.erase("lora");
  if (task_info(config.task).kind != TaskKind::kGeneration) json.erase("generation");
  return to_yaml_text(json);
}

std::string run_config_schema() {
  OrderedJson schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "hiddenkey run config"}};
  schema.update(config_schema<RunConfig>());
  schema["properties"]["extends"] = {{"type", "string"},
                                     {"description", "a config file to build on, relative to this one"}};
  return schema.dump(2);
}

std::vector<std::string> run_config_keys() { return all_keys(RunConfig()); }

}  // namespace hiddenkey
