#pragma once

#include <filesystem>
#include <string>
#include <utility>

namespace hiddenkey {

/// The names in a run's folder, which need not be there.
class RunPaths {
 public:
  explicit RunPaths(std::filesystem::path folder) : path_(std::move(folder)) {}

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path config() const { return path_ / "config.yaml"; }
  std::filesystem::path metrics() const { return path_ / "metrics.jsonl"; }
  std::filesystem::path log() const { return path_ / "log.txt"; }
  std::filesystem::path checkpoints() const { return path_ / "checkpoints"; }
  std::filesystem::path result() const { return path_ / "result.json"; }
  std::filesystem::path page() const { return path_ / "report.html"; }
  std::filesystem::path tensorboard() const { return path_ / "tensorboard"; }
  std::filesystem::path predictions(const std::string& split) const {
    return path_ / ("predictions-" + split + ".tsv");
  }
  /// The texts of a split's prompts.
  std::filesystem::path generations(const std::string& split) const {
    return path_ / ("generations-" + split + ".jsonl");
  }
  /// What a run trains for; of full finetuning it is the model.
  std::filesystem::path adapter() const { return path_ / "adapter"; }
  std::filesystem::path model() const { return path_ / "model"; }

 private:
  std::filesystem::path path_;
};

}  // namespace hiddenkey
