#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace hiddenkey {

enum class ExistingRun { kRefuse, kResume, kOverwrite };

/// The folder of a run and the names in it.
class RunFolder {
 public:
  /// Makes the folder and tries to write to it. ConfigError where it holds another run and that is not wanted, or where
  /// a run that is to be resumed is not there; IoError where it cannot be written.
  RunFolder(const std::filesystem::path& path, ExistingRun existing);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path config() const { return path_ / "config.yaml"; }
  std::filesystem::path metrics() const { return path_ / "metrics.jsonl"; }
  std::filesystem::path log() const { return path_ / "log.txt"; }
  std::filesystem::path checkpoints() const { return path_ / "checkpoints"; }
  std::filesystem::path result() const { return path_ / "result.json"; }
  std::filesystem::path tensorboard() const { return path_ / "tensorboard"; }
  std::filesystem::path predictions(const std::string& split) const {
    return path_ / ("predictions-" + split + ".tsv");
  }
  /// The texts of a split's prompts.
  std::filesystem::path generations(const std::string& split) const {
    return path_ / ("generations-" + split + ".jsonl");
  }
  /// adapter/, or model/ for full finetuning.
  std::filesystem::path adapter() const { return path_ / "adapter"; }
  std::filesystem::path model() const { return path_ / "model"; }

 private:
  std::filesystem::path path_;
};

/// Appends lines of JSON. A full disk is warned of once and does not stop the run.
class MetricsLog {
 public:
  /// Cuts the file to `size` bytes first: what a resumed run had written after its checkpoint.
  MetricsLog(const std::filesystem::path& path, int64_t size);
  void write(const nlohmann::ordered_json& line);
  int64_t size() const { return size_; }

 private:
  std::string path_;
  std::ofstream file_;
  int64_t size_ = 0;
  bool warned_ = false;
};

/// Puts a finished folder in the place of another (or of none) in one step, and removes the old one.
void replace_folder(const std::filesystem::path& finished, const std::filesystem::path& place);

}  // namespace hiddenkey
