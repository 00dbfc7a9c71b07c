#include "settings/check_files.h"

#include <algorithm>

#include "adapter/match.h"
#include "config/load.h"
#include "core/error.h"
#include "core/folder.h"
#include "core/text.h"
#include "data/reader.h"
#include "data/task.h"
#include "dropout/plan.h"
#include "model/model_files.h"

namespace hiddenkey {
namespace {

namespace fs = std::filesystem;

/// "models/x" -> `models/x (from /home/me)`: what a relative path is relative to.
std::string with_folder(const fs::path& path) {
  std::error_code error;
  return path.is_absolute() ? path.string() : cat(path.string(), " (from ", fs::current_path(error).string(), ")");
}

class FileChecker {
 public:
  FileChecker(const Value& tree, const RunConfig& config, Problems& problems)
      : tree_(tree), config_(config), problems_(problems) {}

  /// Of a section that has problems of its own nothing more is said.
  void check() {
    if (is_sound("task")) check_data();
    if (!config_.model.path.empty() && is_sound("model") && is_sound("task")) check_model();
    if (!config_.generation.meteor_data.empty()) check_file("generation.meteor_data", config_.generation.meteor_data);
  }

 private:
  bool is_sound(const std::string& section) const {
    return std::none_of(problems_.begin(), problems_.end(), [&](const Problem& problem) {
      return problem.severity == Severity::kError && problem.key.starts_with(section);
    });
  }

  void add(const std::string& key, const std::string& text, Severity severity = Severity::kError) {
    const Value* value = find_path(tree_, key);
    problems_.push_back({value != nullptr ? value->where : tree_.where, key, text, severity});
  }

  /// A folder that is there and lacks the file is a mistake.
  void check_file(const std::string& key, const fs::path& file) {
    std::error_code error;
    if (fs::is_directory(file, error)) return add(key, cat(with_folder(file), " is a folder"));
    if (path_exists(file)) return;
    const fs::path folder = folder_of(file);
    std::vector<std::string> beside;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))
      beside.push_back(entry.path().filename().string());
    add(key, cat("there is no file ", with_folder(file), did_you_mean(file.filename().string(), beside)),
        path_exists(folder) ? Severity::kError : Severity::kWarning);
  }

  void check_data() {
    const TaskConfig& task = config_.task;
    if (!task.data_dir.empty() && !path_exists(task.data_dir))
      return add("task.data_dir", cat("there is no folder ", with_folder(task.data_dir)), Severity::kWarning);
    const bool own = task.data_dir.empty();
    if (const fs::path train = split_file(task, "train"); !train.empty())
      check_file(own ? "task.train" : "task.data_dir", train);
    const fs::path dev = split_file(task, "dev");
    if (!dev.empty()) check_file(own ? "task.validation" : "task.data_dir", dev);
    if (dev.empty() && config_.evaluation.every.kind != Interval::Kind::kNever)
      add("task.validation", "is missing: the file to evaluate on; evaluation.every=never trains without one");
    if (own && !task.test.empty()) check_file("task.test", task.test);
  }

  void check_model() {
    const std::string& path = config_.model.path;
    const ModelFiles files(path);
    if (!files.is_there()) {
      const std::string what =
          path_exists(path) ? " is no folder with a config.json and no GGUF file" : " is not there";
      return add("model.path", with_folder(path) + what + (path_exists(path) ? "" : hub_hint(path)),
                 Severity::kWarning);
    }
    try {
      check_against(files.config(head_use(task_info(config_.task).kind)).architecture);
    } catch (const Error& error) {
      add("model.path", error.what());
    }
  }

  void check_against(const Architecture& architecture) {
    if (config_.training.max_length > architecture.max_positions)
      add("training.max_length", cat(config_.training.max_length, " is more than the ", architecture.max_positions,
                                     " positions of the model"));
    check_part("dropout.layers",
               [&] { choose_layers(config_.dropout.layers, architecture.num_layers, architecture.causal); });
    if (config_.method != Method::kLora) return;
    const WeightNames names(architecture);
    LoraConfig lora = config_.lora;
    choose_targets(lora, architecture);
    check_part("lora.modules_to_save", [&] { match_saved(lora.modules_to_save, names); });
    check_part("lora.target_modules", [&] { match_targets(lora, names); });
  }

  /// What a part of the program says of this key, or of another one that it names.
  template <class Check>
  void check_part(const std::string& key, const Check& check) {
    try {
      check();
    } catch (const Error& error) {
      add(error.place().empty() ? key : error.place(), error.reason());
    }
  }

  const Value& tree_;
  const RunConfig& config_;
  Problems& problems_;
};

}  // namespace

RunConfig validate_run_config(const fs::path& path, const std::vector<std::string>& overrides, Problems& problems) {
  RunConfig config = load_run_config(path, overrides, problems);
  Problems said_before;
  if (const std::optional<Value> tree = load_tree(path, overrides, said_before)) check_files(*tree, config, problems);
  return config;
}

void check_files(const Value& tree, const RunConfig& config, Problems& problems) {
  FileChecker(tree, config, problems).check();
}

}  // namespace hiddenkey
