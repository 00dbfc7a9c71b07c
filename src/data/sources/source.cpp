#include "data/sources/source.h"

#include "data/task.h"

namespace hiddenkey {

std::string named_file(const TaskConfig& config, const std::string& split) {
  if (split == "train") return config.train;
  if (split == "dev") return config.validation;
  return split == "test" ? config.test : std::string();
}

std::unique_ptr<Source> open_source(const TaskConfig& config) {
  if (config.name == "e2e") return open_e2e(config);
  if (config.name == "webnlg") return open_webnlg(config);
  const TaskKind kind = task_info(config).kind;
  if (kind == TaskKind::kGeneration) return open_generation(config);
  return kind == TaskKind::kTokens ? open_tagged(config) : open_table(config);
}

}  // namespace hiddenkey
