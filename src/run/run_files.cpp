#include "run/run_files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "core/error.h"
#include "core/file.h"
#include "core/folder.h"
#include "core/text.h"
#include "model/model_files.h"
#include "run/checkpoint_folder.h"
#include "run/saved_task.h"

namespace hiddenkey {
namespace {

constexpr const char* kConfig = "config.yaml";

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::symlink_status(path, error).type() == fs::file_type::directory;
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  if (!is_folder(folder)) return names;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

bool is_top_file(const std::string& name) {
  return name == "metrics.jsonl" || name == "log.txt" || name == "result.json" || name == "report.html" ||
         (name.starts_with("predictions-") && name.ends_with(".tsv")) ||
         (name.starts_with("generations-") && name.ends_with(".jsonl"));
}

bool was_full_finetuning(const fs::path& folder) {
  return read_file(folder / kConfig).find("\nmethod: full\n") != std::string::npos;
}

std::vector<std::string> names_of_result(const fs::path& folder, const std::string& name) {
  if (!is_there(saved_task_file(folder / name))) return {};
  std::vector<std::string> names = {"hiddenkey.json"};
  if (name == "adapter") {
    names.insert(names.end(), {"adapter_config.json", "adapter_model.safetensors"});
  } else {
    names.insert(names.end(), {"config.json", "model.safetensors"});
    for (const std::string& file : tokenizer_file_names(folder / name)) names.push_back(file);
  }
  return names;
}

void remove_empty_parents(const fs::path& file, const fs::path& folder) {
  std::error_code error;
  for (fs::path parent = file.parent_path(); !parent.empty(); parent = parent.parent_path())
    fs::remove(folder / parent, error);  // does nothing to a folder that holds something
}

}  // namespace

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(fs::symlink_status(path, error));
}

bool is_run(const fs::path& folder) {
  std::ifstream file(folder / kConfig);
  std::string line;
  return std::getline(file, line) && line.starts_with("# hiddenkey ");
}

std::vector<fs::path> files_of_run(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const std::string& name : names_in(folder)) {
    if (is_top_file(name)) files.emplace_back(name);
  }
  const std::string result = was_full_finetuning(folder) ? "model" : "adapter";
  for (const std::string& name : names_of_result(folder, result)) files.push_back(fs::path(result) / name);
  for (const std::string& name : names_in(folder / "tensorboard")) {
    if (name.starts_with("events.out.tfevents.")) files.push_back(fs::path("tensorboard") / name);
  }
  for (const std::string& step : names_in(folder / "checkpoints")) {
    for (const std::string& name : checkpoint_files(folder / "checkpoints" / step))
      files.push_back(fs::path("checkpoints") / step / name);
  }
  std::erase_if(files, [&](const fs::path& file) { return !is_there(folder / file); });
  files.emplace_back(kConfig);
  return files;
}

std::vector<std::string> foreign_names(const fs::path& folder, const std::string& result) {
  std::vector<std::string> foreign;
  const bool run = is_run(folder);
  for (const std::string& name : names_in(folder)) {
    const bool top_folder = name == "checkpoints" || name == "tensorboard" || name == result;
    const bool known = name == kConfig || is_top_file(name) || top_folder;
    if (known && (!run || (top_folder && !is_folder(folder / name)))) foreign.push_back(name);
  }
  if (!run) return foreign;
  const std::vector<fs::path> ours = files_of_run(folder);
  for (const char* name : {"adapter_config.json", "adapter_model.safetensors", "config.json", "model.safetensors"}) {
    const fs::path file = fs::path(result) / name;
    if (is_there(folder / file) && std::find(ours.begin(), ours.end(), file) == ours.end())
      foreign.push_back(file.string());
  }
  return foreign;
}

bool has_saved_state(const fs::path& folder) {
  for (const char* name : {"adapter", "model"}) {
    if (is_there(saved_task_file(folder / name))) return true;
  }
  const std::vector<std::string> steps = names_in(folder / "checkpoints");
  return std::any_of(steps.begin(), steps.end(),
                     [&](const std::string& step) { return !checkpoint_files(folder / "checkpoints" / step).empty(); });
}

void move_files(const std::vector<fs::path>& files, const fs::path& from, const fs::path& to) {
  for (const fs::path& file : files) {
    if ((to / file).has_parent_path()) make_writable_folder((to / file).parent_path());
    if (::rename((from / file).c_str(), (to / file).c_str()) != 0)
      throw IoError(cat((from / file).string(), ": cannot be moved: ", std::strerror(errno)));
    remove_empty_parents(file, from);
  }
}

void remove_files(const std::vector<fs::path>& files, const fs::path& folder) {
  std::error_code error;
  for (const fs::path& file : files) {
    fs::remove(folder / file, error);
    remove_empty_parents(file, folder);
  }
}

void remove_unfinished(const fs::path& folder) {
  std::error_code error;
  for (const std::string& file : names_in(folder)) {
    const std::string name = name_of_unfinished(file);
    if (name == kConfig || name == "adapter" || name == "model" || name == "trial" || is_top_file(name))
      fs::remove_all(folder / file, error);
  }
  const fs::path checkpoints = folder / "checkpoints";
  for (const std::string& file : names_in(checkpoints)) {
    const std::string name = name_of_unfinished(file);
    if (name == "trial" || name.starts_with("step-")) fs::remove_all(checkpoints / file, error);
    if (!file.starts_with("step-")) continue;
    for (const std::string& mark : names_in(checkpoints / file)) {
      if (name_of_unfinished(mark) == "BEST") fs::remove(checkpoints / file / mark, error);
    }
  }
}

}  // namespace hiddenkey
