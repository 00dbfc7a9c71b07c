#pragma once

#include <filesystem>
#include <string>

#include "core/folder.h"
#include "run/run_paths.h"
#include "settings/run_config.h"

namespace hiddenkey {

enum class ExistingRun { kRefuse, kResume, kOverwrite };

/// The folder of a run that trains. No other process writes into the folder meanwhile.
///
/// A run that is overwritten is put aside when the new one begins, and removed when the new one has saved its first
/// state. Where that never happens, the old run is put back. A new run that ends before its first step leaves nothing.
/// Files that no run has written are never touched.
class RunFolder : public RunPaths {
 public:
  /// ConfigError where it holds another run and that is not wanted, where a run that is to be resumed is not there,
  /// where files are in the way that no run has written, or where another process writes there; IoError where the
  /// folder cannot be written.
  RunFolder(const std::filesystem::path& path, ExistingRun existing, Method method);
  ~RunFolder();
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  /// ConfigError where `model` lies in what the run writes or replaces.
  void require_outside(const std::filesystem::path& model) const;

  /// Writes config.yaml. Until then nothing in the folder is changed.
  void begin(const std::string& config);
  /// The first step is done.
  void note_step() { stepped_ = true; }
  /// There is a state to go on from, or a result.
  void note_saved();
  bool has_saved() const { return saved_; }

  /// What the run trains for: adapter/, or model/ for full finetuning.
  std::filesystem::path trained() const { return path() / result_; }

 private:
  FolderClaim claim_;
  ExistingRun existing_;
  std::string result_;
  bool begun_ = false, replaces_ = false, stepped_ = false, saved_ = false;
};

/// Ends what a killed process has begun in a run's folder: where a run that was to replace another has saved nothing,
/// the other one is put back. ConfigError where a process is writing there.
void recover_run(const std::filesystem::path& folder);

}  // namespace hiddenkey
