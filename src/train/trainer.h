#pragma once

#include "core/progress.h"
#include "report/run_result.h"
#include "run/checkpoint_folder.h"
#include "run/journal.h"
#include "run/run_folder.h"
#include "train/evaluator.h"
#include "train/job.h"
#include "train/last_loss.h"
#include "train/pause.h"
#include "train/run_saver.h"
#include "train/updates.h"

namespace hiddenkey {

/// A training run from its current step to its end.
class Trainer {
 public:
  /// Goes on from `state`, where the updates are. Everything else is used by reference.
  Trainer(const Job& job, RunFolder& folder, Updates& updates, const RunState& state, const Pause& pause, bool quiet);

  /// Trains, and writes all that a run leaves. Throws DivergedError (the update that would do harm has not been done,
  /// the state before it is saved) or StoppedError (the state is saved).
  RunResult run();

 private:
  void catch_up();
  void do_step();
  void check_finite();
  void evaluate();
  void make_texts();
  void save_checkpoint();
  void show_progress();
  bool is_at_end() const;
  bool evaluates_now() const;
  bool makes_texts_now() const;
  bool pauses_now() const;
  bool is_out_of_patience() const;
  [[noreturn]] void stop();
  [[noreturn]] void pause();
  RunResult finish();

  const Job& job_;
  RunFolder& folder_;
  Updates& updates_;
  RunState state_;
  Pause pause_;
  Progress progress_;
  LastLoss last_loss_;
  Journal journal_;
  Evaluator evaluator_;
  RunSaver saver_;
};

}  // namespace hiddenkey
