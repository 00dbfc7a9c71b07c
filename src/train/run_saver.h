#pragma once

#include <vector>

#include "run/checkpoint_folder.h"
#include "run/journal.h"
#include "run/run_folder.h"
#include "task/evaluation.h"
#include "train/job.h"
#include "train/updates.h"

namespace hiddenkey {

/// Saves a run into its folder: its checkpoints, and the adapter or model that it trains for.
class RunSaver {
 public:
  RunSaver(const Job& job, RunFolder& folder, const Updates& updates, Journal& journal);

  /// Writes adapter/, or model/ for full finetuning, and the predictions of the evaluated splits. `evaluations` are of
  /// the model as it is now.
  void save_trained(const RunState& state, const std::vector<Evaluation>& evaluations);

  /// Writes a checkpoint that the run can go on from. `evaluations` are the last ones.
  void save_checkpoint(const RunState& state, const std::vector<Evaluation>& evaluations);

  /// Marks the checkpoint of the best step, where there is one.
  void mark_best(const RunState& state) const;

 private:
  SavedTask saved_task(const RunState& state, const std::vector<Evaluation>& evaluations) const;

  const Job& job_;
  RunFolder& folder_;
  const Updates& updates_;
  Journal& journal_;
  CheckpointFolder checkpoints_;
};

/// Where a run begins: at a checkpoint, which has to have been made with what `identity` tells of the job (see
/// check_identity), or at step 0.
RunState state_to_begin_with(const std::optional<FoundCheckpoint>& checkpoint, const RunIdentity& identity,
                             Updates& updates);

}  // namespace hiddenkey
