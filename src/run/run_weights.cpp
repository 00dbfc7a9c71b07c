#include "run/run_weights.h"

#include <algorithm>
#include <charconv>

#include "core/error.h"
#include "core/file.h"
#include "core/folder.h"
#include "core/log.h"
#include "core/text.h"
#include "io/safetensors.h"
#include "model/families/families.h"
#include "model/model_files.h"
#include "run/run_paths.h"
#include "run/saved_task.h"

namespace hiddenkey {
namespace {

constexpr const char* kTrained = "trained.safetensors";

bool is_checkpoint(const fs::path& folder) {
  return path_exists(folder / kTrained) && path_exists(folder / "MANIFEST");
}

/// Whether the weights are those of the manifest, whose lines are a checksum, two spaces and a name.
bool is_whole(const fs::path& checkpoint) {
  const std::vector<std::string> lines = split(read_file(checkpoint / "MANIFEST"), '\n');
  const std::string wanted = cat(sha256_of_file(checkpoint / kTrained), "  ", kTrained);
  return std::find(lines.begin(), lines.end(), wanted) != lines.end();
}

/// The number in step-NNNNNN; -1 for other names.
int64_t step_of(const fs::path& folder) {
  const std::string name = folder.filename().string();
  const std::string_view prefix = "step-";
  int64_t step = -1;
  if (!name.starts_with(prefix)) return -1;
  const auto [end, error] = std::from_chars(name.data() + prefix.size(), name.data() + name.size(), step);
  return error == std::errc() && end == name.data() + name.size() ? step : -1;
}

}  // namespace

std::vector<fs::path> checkpoints_of(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (step_of(entry.path()) >= 0 && is_checkpoint(entry.path())) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end(), [](const fs::path& a, const fs::path& b) { return step_of(a) > step_of(b); });
  return found;
}

bool is_best(const fs::path& checkpoint) { return path_exists(checkpoint / "BEST"); }

namespace {

/// `path` itself, or what checkpoints/best stands for.
fs::path named_checkpoint(const fs::path& path) {
  std::error_code error;
  if (fs::exists(path, error) || path.filename() != "best") return path;
  for (const fs::path& checkpoint : checkpoints_of(path.parent_path())) {
    if (is_best(checkpoint)) return checkpoint;
  }
  return path;
}

RunPaths run_of(const fs::path& checkpoint) {
  return RunPaths(fs::absolute(checkpoint).lexically_normal().parent_path().parent_path());
}

/// hiddenkey.json may lie in a checkpoint, or beside what its run has saved.
fs::path task_folder_of(const fs::path& checkpoint) {
  const RunPaths run = run_of(checkpoint);
  for (const fs::path& folder : {checkpoint, run.adapter(), run.model()}) {
    if (path_exists(saved_task_file(folder))) return folder;
  }
  return checkpoint;
}

RunWeights checkpoint_weights(const fs::path& path) {
  const fs::path config = run_of(path).config();
  std::error_code error;
  if (!fs::exists(config, error))
    throw ModelError(
        cat(path.string(), ": is a checkpoint, and its run's config is not where it belongs, at ", config.string()));
  return {path, task_folder_of(path), config, true};
}

RunWeights newest_checkpoint(const fs::path& run) {
  for (const fs::path& checkpoint : checkpoints_of(RunPaths(run).checkpoints())) {
    if (!is_whole(checkpoint)) {
      log::warning(cat(checkpoint.string(), ": is damaged and passed over"));
      continue;
    }
    log::info(cat(run.string(), ": the run has not saved an adapter yet; its newest checkpoint ",
                  checkpoint.filename().string(), " is taken"));
    return checkpoint_weights(checkpoint);
  }
  throw ModelError(cat(run.string(), ": the run has saved neither an adapter nor a checkpoint yet"));
}

/// The config of the run that the weights belong to, if there is one.
std::optional<fs::path> run_config_of(const fs::path& path, const fs::path& weights) {
  for (const fs::path& folder : {path, fs::absolute(weights).lexically_normal().parent_path()}) {
    if (const RunPaths run(folder); path_exists(run.config())) return run.config();
  }
  return std::nullopt;
}

}  // namespace

RunWeights find_run_weights(const fs::path& named) {
  const fs::path path = named_checkpoint(named.has_filename() ? named : named.parent_path());
  std::error_code error;
  if (!fs::exists(path, error))
    throw ModelError(cat(path.string(), ": there is no such run, adapter or model", hub_hint(path.string())));
  if (is_checkpoint(path)) return checkpoint_weights(path);
  const auto found = [&](const fs::path& folder) {
    return RunWeights{folder, folder, run_config_of(path, folder), false};
  };
  const RunPaths run(path);
  if (holds_adapter(path)) return found(path);
  if (holds_adapter(run.adapter())) return found(run.adapter());
  if (path_exists(run.model() / "config.json")) return found(run.model());
  if (ModelFiles(path).is_there()) return found(path);
  if (path_exists(run.config())) return newest_checkpoint(path);
  throw ModelError(cat(path.string(), ": holds neither a run, an adapter nor a model"));
}

NamedTensors read_checkpoint_weights(const fs::path& checkpoint) {
  if (!is_whole(checkpoint))
    throw ModelError(cat(checkpoint.string(), ": the files do not fit the checksums of MANIFEST"));
  NamedTensors tensors;
  const SafeTensors file(checkpoint / kTrained);
  for (const auto& [name, entry] : file.entries()) tensors.emplace(name, file.read(name));
  return tensors;
}

AdapterFile adapter_of_checkpoint(const fs::path& checkpoint, const LoraConfig& config) {
  AdapterFile adapter;
  adapter.folder = checkpoint;
  adapter.lora = config;
  adapter.tensors = read_checkpoint_weights(checkpoint);
  // A pooler that the base lacked is trained and saved without being asked for.
  for (const Family* family : families()) {
    const FamilyHead& head = family->head;
    if (head.is_pretrained && adapter.tensors.contains(peft_name(head.dense.theirs) + ".weight"))
      adapter.lora.modules_to_save.emplace_back(head.pretrained_as);
  }
  return adapter;
}

}  // namespace hiddenkey
