#include "run/run_folder.h"

#include <algorithm>

#include "core/error.h"
#include "core/log.h"
#include "core/text.h"
#include "run/run_files.h"

namespace hiddenkey {
namespace {

/// Where a run waits that is being replaced.
fs::path old_run(const fs::path& folder) { return folder / ".replaced"; }

/// Every file below a folder, relative to it; config.yaml first.
std::vector<fs::path> all_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_directory()) files.push_back(entry.path().lexically_relative(folder));
  }
  std::stable_partition(files.begin(), files.end(), [](const fs::path& file) { return file == "config.yaml"; });
  return files;
}

void put_back(const fs::path& folder) {
  const fs::path old = old_run(folder);
  if (is_there(old / "config.yaml") && is_run(folder)) remove_files(files_of_run(folder), folder);
  move_files(all_files(old), old, folder);
  std::error_code error;
  fs::remove(old, error);
}

/// For the process that has claimed the folder.
void recover(const fs::path& folder) {
  const fs::path old = old_run(folder);
  if (!is_there(old)) return;
  // config.yaml is the last file to be put aside and the first to be put back.
  if (is_there(old / "config.yaml") && has_saved_state(folder)) {
    std::error_code error;
    fs::remove_all(old, error);
    return;
  }
  log::warning(cat(folder.string(), ": a run that was to replace this one had saved nothing; the old one is put back"));
  put_back(folder);
}

}  // namespace

RunFolder::RunFolder(const fs::path& path, ExistingRun existing, Method method)
    : RunPaths(path), claim_(path), existing_(existing), result_(method == Method::kLora ? "adapter" : "model") {
  recover(path);
  const bool run = is_run(path);
  if (existing == ExistingRun::kResume) {
    if (!run) throw ConfigError(cat("output_dir: ", path.string(), " holds no run to resume"));
    remove_unfinished(path);
    return;
  }
  if (run && existing == ExistingRun::kRefuse) {
    throw ConfigError(
        cat("output_dir: ", path.string(),
            " holds another run; go on with it by --resume, replace it by --overwrite, or name another folder"));
  }
  if (const std::vector<std::string> foreign = foreign_names(path, result_); !foreign.empty()) {
    throw ConfigError(cat("output_dir: ", path.string(), " holds ", join(foreign, ", "),
                          ", which no run of hiddenkey has written and a run would replace; name another folder"));
  }
  if (run) remove_unfinished(path);
}

RunFolder::~RunFolder() {
  if (!begun_ || saved_ || existing_ == ExistingRun::kResume) return;
  if (replaces_ ? !is_there(old_run(path())) : stepped_) return;
  log::set_file("");
  try {
    if (replaces_) {
      put_back(path());
    } else if (is_run(path())) {
      remove_files(files_of_run(path()), path());
    }
  } catch (const std::exception& failure) {
    log::warning(cat(path().string(), ": the folder could not be tidied up (", failure.what(), ")"));
  }
}

void RunFolder::require_outside(const fs::path& model) const {
  std::error_code error;
  const fs::path base = fs::weakly_canonical(model, error);
  for (const char* name : {"adapter", "model", "checkpoints"}) {
    const fs::path own = fs::weakly_canonical(path() / name, error);
    const auto [end, rest] = std::mismatch(own.begin(), own.end(), base.begin(), base.end());
    const bool written = name == result_ || existing_ == ExistingRun::kOverwrite;
    if (end == own.end() && written && is_there(own))
      throw ConfigError(cat("model.path: ", model.string(), " lies in what the run in ", path().string(),
                            " would replace; name another output_dir"));
  }
}

void RunFolder::begin(const std::string& config) {
  begun_ = true;
  replaces_ = existing_ == ExistingRun::kOverwrite && is_run(path());
  if (replaces_) {
    std::vector<fs::path> files = files_of_run(path());
    std::erase(files, "config.yaml");
    move_files(files, path(), old_run(path()));
    // A copy, so that there is a config.yaml at every moment.
    make_writable_folder(old_run(path()));
    write_file_atomically(old_run(path()) / "config.yaml", read_file(this->config()));
  }
  write_file_atomically(this->config(), config);
}

void RunFolder::note_saved() {
  if (saved_) return;
  saved_ = true;
  std::error_code error;
  fs::remove_all(old_run(path()), error);
}

void recover_run(const fs::path& folder) {
  if (!is_there(old_run(folder))) return;
  const FolderClaim claim(folder);
  recover(folder);
}

}  // namespace hiddenkey
