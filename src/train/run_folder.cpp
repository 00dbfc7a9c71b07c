#include "train/run_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "core/error.h"
#include "core/file.h"
#include "core/log.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

constexpr const char* kOwnNames[] = {"config.yaml", "metrics.jsonl", "log.txt", "result.json",
                                     "checkpoints", "adapter",       "model",   "tensorboard"};

bool holds_run(const fs::path& path) {
  std::error_code error;
  for (const char* name : {"config.yaml", "metrics.jsonl", "checkpoints", "adapter"}) {
    if (fs::exists(path / name, error)) return true;
  }
  return false;
}

void remove_run(const fs::path& path) {
  std::error_code error;
  for (const char* name : kOwnNames) fs::remove_all(path / name, error);
  for (const fs::directory_entry& entry : fs::directory_iterator(path, error)) {
    const std::string name = entry.path().filename().string();
    const bool predictions = name.starts_with("predictions-") && name.ends_with(".tsv");
    const bool generations = name.starts_with("generations-") && name.ends_with(".jsonl");
    if (predictions || generations) fs::remove(entry.path(), error);
  }
}

}  // namespace

RunFolder::RunFolder(const fs::path& path, ExistingRun existing) : path_(path) {
  if (existing == ExistingRun::kRefuse && holds_run(path)) {
    throw ConfigError(
        cat("output_dir: ", path.string(),
            " holds another run; go on with it by --resume, replace it by --overwrite, or name another folder"));
  }
  if (existing == ExistingRun::kResume && !holds_run(path)) {
    throw ConfigError(cat("output_dir: ", path.string(), " holds no run to resume"));
  }
  make_writable_folder(path);
  if (existing == ExistingRun::kOverwrite) remove_run(path);
}

MetricsLog::MetricsLog(const fs::path& path, int64_t size) : path_(path.string()), size_(size) {
  std::error_code error;
  if (const auto present = fs::file_size(path, error); !error && present > static_cast<std::uintmax_t>(size)) {
    if (::truncate(path_.c_str(), size) != 0)
      throw IoError(cat(path_, ": cannot be cut back to the checkpoint: ", std::strerror(errno)));
  }
  file_.open(path, std::ios::app | std::ios::binary);
  if (!file_) throw IoError(cat(path_, ": cannot be written: ", std::strerror(errno)));
}

void MetricsLog::write(const nlohmann::ordered_json& line) {
  const std::string text = line.dump() + "\n";
  file_ << text << std::flush;
  if (file_) {
    size_ += static_cast<int64_t>(text.size());
  } else if (!warned_) {
    warned_ = true;
    log::warning(cat(path_, ": lines are lost: the file cannot be written"));
  }
}

void replace_folder(const fs::path& finished, const fs::path& place) {
  const auto fail = [&] { throw IoError(cat(place.string(), ": cannot be replaced: ", std::strerror(errno))); };
  std::error_code error;
  if (!fs::exists(place, error)) {
    if (::rename(finished.c_str(), place.c_str()) != 0) fail();
  } else if (::renameat2(AT_FDCWD, finished.c_str(), AT_FDCWD, place.c_str(), RENAME_EXCHANGE) == 0) {
    fs::remove_all(finished, error);
  } else {
    // A file system without the exchange: for a moment there is no folder of that name.
    const fs::path old = finished.string() + ".old";
    if (::rename(place.c_str(), old.c_str()) != 0 || ::rename(finished.c_str(), place.c_str()) != 0) fail();
    fs::remove_all(old, error);
  }
  fsync_folder(place.has_parent_path() ? place.parent_path() : fs::path("."));
}

}  // namespace hiddenkey
