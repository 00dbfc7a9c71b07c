#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "config/codec.h"
#include "sweep/plan.h"

namespace hiddenkey {

/// The names in a sweep's folder.
class SweepFolder {
 public:
  explicit SweepFolder(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path yaml() const { return path_ / "sweep.yaml"; }
  std::filesystem::path record() const { return path_ / "sweep.json"; }
  /// Held by whoever runs trials; `writer` is "" for the driver, and a worker's "-3-of-8".
  std::filesystem::path lock(const std::string& writer = "") const { return path_ / ("lock" + writer); }
  /// What happened to the trials, by the same writer.
  std::filesystem::path log(const std::string& writer = "") const { return path_ / ("trials" + writer + ".jsonl"); }
  std::filesystem::path trial(const std::string& name) const { return path_ / "trials" / name; }
  /// What a trial is started with.
  std::filesystem::path config(const std::string& name) const { return path_ / "configs" / (name + ".yaml"); }
  /// What its last attempt said on stderr.
  std::filesystem::path messages(const std::string& name) const { return path_ / "messages" / (name + ".txt"); }

 private:
  std::filesystem::path path_;
};

struct RecordedTrial {
  std::string name, cell;
  int64_t seed = 0, fold = 0;
  OrderedJson settings;
  std::string digest;
};

/// What sweep.json says.
struct SweepRecord {
  std::string name, metric;
  bool higher_is_better = true;
  std::string compare_to;
  int64_t workers = 1;
  std::vector<std::string> axes;
  OrderedJson config;  ///< of the first trial, to say what differs from another sweep's
  std::vector<RecordedTrial> trials;
};

/// ConfigError where the folder holds no sweep, or a damaged one.
SweepRecord read_sweep_record(const std::filesystem::path& folder);

/// Writes the plan into its folder, which holds nothing yet or the same sweep with fewer trials: ConfigError that says
/// what differs where it holds another one, or files that are no sweep's.
void write_sweep(const SweepPlan& plan);

}  // namespace hiddenkey
