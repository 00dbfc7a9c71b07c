#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>
#include <future>
#include <memory>

#include "commands/commands.h"
#include "commands/memory_hint.h"
#include "core/error.h"
#include "core/file.h"
#include "core/folder.h"
#include "core/json_file.h"
#include "core/log.h"
#include "core/stop_signal.h"
#include "core/text.h"
#include "core/version.h"
#include "report/run_page.h"
#include "report/run_result.h"
#include "run/device.h"
#include "run/saved_task.h"
#include "train/describe_job.h"
#include "train/job.h"
#include "train/job_plan.h"
#include "train/pause.h"
#include "train/run_identity.h"
#include "train/run_saver.h"
#include "train/trainer.h"
#include "train/updates.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

/// The resolved config, with what it ran with as comments, so that the file itself can be run again.
std::string config_file(const RunConfig& config, const Job& job, const RunIdentity& identity) {
  return cat("# hiddenkey ", kVersion, " (", kCommit, "), LibTorch ", kLibTorchVersion,
             "\n# device: ", device_name(job.device), "\n# model weights sha256: ", identity.at(kBaseWeights),
             "\n# training data sha256: ", dataset_checksum(job.train), "\n", to_yaml(config));
}

/// A resumed run keeps its config, but for what changes neither the numbers nor the files.
void check_same_config(const RunConfig& config, const fs::path& saved) {
  const std::vector<std::string> old_lines = split(comparable_config(load_saved_config(saved)), '\n');
  const std::vector<std::string> new_lines = split(comparable_config(config), '\n');
  for (std::size_t i = 0; i < std::min(old_lines.size(), new_lines.size()); ++i) {
    if (old_lines[i] == new_lines[i]) continue;
    const auto trimmed = [](const std::string& line) {
      return line.substr(std::min(line.size(), line.find_first_not_of(' ')));
    };
    throw ConfigError(cat(saved.string(), ": the run to resume has \"", trimmed(old_lines[i]), "\", the config now \"",
                          trimmed(new_lines[i]), "\"; a run is resumed with its own config"));
  }
}

/// The config file, or the one of the run whose folder is named. Such a run may have been moved since.
RunConfig read_config(const TrainOptions& options) {
  std::error_code error;
  if (!fs::is_directory(options.config, error)) return require_run_config(options.config, options.overrides);
  if (!options.dry_run) recover_run(options.config);
  const fs::path file = RunPaths(options.config).config();
  if (!path_exists(file)) throw ConfigError(cat(options.config, ": is a folder without a run's config.yaml"));
  RunConfig config = require_run_config(file, options.overrides);
  const bool told = std::any_of(options.overrides.begin(), options.overrides.end(),
                                [](const std::string& pair) { return pair.starts_with("output_dir="); });
  if (!told) config.output_dir = options.config;
  return config;
}

/// A run that has come to its end.
struct FinishedRun {
  RunOutcome outcome;
  Json result;  ///< what result.json holds
};

/// Nothing where there is something left to do.
std::optional<FinishedRun> finished_run(const RunFolder& folder, const std::optional<FoundCheckpoint>& checkpoint) {
  if (!path_exists(folder.result()) || !path_exists(saved_task_file(folder.trained()))) return std::nullopt;
  try {
    Json result = read_ordered_json_object(folder.result());
    const std::optional<RunOutcome> outcome = outcome_in(result);
    const bool at_end = outcome && (!checkpoint || outcome->steps == checkpoint->state.step);
    return at_end ? std::optional(FinishedRun{*outcome, std::move(result)}) : std::nullopt;
  } catch (const ModelError&) {
    return std::nullopt;  // a damaged file is written anew
  }
}

void print_run(const FinishedRun& run, const RunFolder& folder, bool json) {
  if (json) return print(run.result.dump(2) + "\n");
  std::string line = cat("done: ", run.outcome.steps, " steps");
  if (const std::optional<BestResult>& best = run.outcome.best)
    line += cat(", best ", run.outcome.metric, " ", format_number(std::round(best->value * 1e4) / 1e4), " at step ",
                best->step);
  print(cat(line, ", ", folder.path().string(), "\n"));
}

int plan(const RunConfig& config, bool json) {
  watch_stop_signals();
  const ModelFiles base(config.model.path);
  Job job = build_job(config, base);
  describe_job(job);
  const MemoryEstimate memory = estimate_memory(job);
  describe_plan(job, memory);
  const std::optional<TimeEstimate> time = estimate_time(job);
  if (!time) throw StoppedError("stopped while the first steps were timed");
  log::info(cat("time: ", describe_time(*time)));
  if (json) print(job_plan(job, memory, *time).dump(2) + "\n");
  return 0;
}

/// For people; the run is finished without it.
void write_page(const RunFolder& folder) {
  try {
    write_file_atomically(folder.page(), run_page({folder.path()}));
  } catch (const std::exception& error) {
    log::warning(cat("the run's page was not written: ", error.what()));
  }
}

/// Everything is loaded and checked before the folder is changed.
FinishedRun run(const RunConfig& config, const std::optional<FoundCheckpoint>& checkpoint, RunFolder& folder,
                std::optional<double> pause_at, bool quiet) {
  const ModelFiles base(config.model.path);
  std::future<std::string> checksum = std::async(std::launch::async, [&base] { return base.checksum(); });
  const Job job = build_job(config, base);
  describe_job(job);
  const RunIdentity identity = identify(config, job, base, checksum.get());
  describe_plan(job, estimate_memory(job));  // after the checksum, while which the file's pages are held as well
  Updates updates(job);
  const RunState state = state_to_begin_with(checkpoint, identity, updates);
  const Pause pause = pause_at ? Pause(*pause_at, job.config, updates.plan().total_steps, state.step) : Pause();
  throw_if_stopped();
  write_schema_file();
  folder.begin(config_file(config, job, identity));
  log::set_file(folder.log().string());
  Trainer trainer(job, folder, updates, state, pause, quiet);
  RunResult result;
  with_memory_hint(
      "one example at a time does not fit; training.activation_checkpointing=true or a smaller training.max_length "
      "needs less",
      [&] { result = trainer.run(); });
  FinishedRun finished{result.outcome, to_json(result)};
  write_file_atomically(folder.result(), finished.result.dump(2) + "\n");
  write_page(folder);
  return finished;
}

/// A word that a shell takes as it is.
std::string shell_word(const std::string& word) {
  const auto plain = [](unsigned char c) { return std::isalnum(c) != 0 || std::strchr("_-./+:,@%", c) != nullptr; };
  if (!word.empty() && word.front() != '-' && std::all_of(word.begin(), word.end(), plain)) return word;
  std::string text = word.starts_with("-") ? "./'" : "'";
  for (const char c : word) text += c == '\'' ? "'\\''" : std::string(1, c);
  return text + "'";
}

}  // namespace

int run_train(const TrainOptions& options, const CommonOptions& common) {
  RunConfig config = read_config(options);
  settle_dtype(config, choose_device(config.training.device));
  if (options.dry_run) return plan(config, common.json);
  const ExistingRun existing = options.resume      ? ExistingRun::kResume
                               : options.overwrite ? ExistingRun::kOverwrite
                                                   : ExistingRun::kRefuse;
  watch_stop_signals();
  RunFolder folder(config.output_dir, existing, config.method);
  folder.require_outside(config.model.path);
  std::optional<FoundCheckpoint> checkpoint;
  if (options.resume) {
    check_same_config(config, folder.config());
    checkpoint = find_checkpoint(folder.checkpoints());
    if (const std::optional<FinishedRun> finished = finished_run(folder, checkpoint)) {
      log::notice(cat(config.output_dir, ": the run is finished, so there is nothing to do"));
      print_run(*finished, folder, common.json);
      return 0;
    }
    if (!checkpoint)
      log::warning(
          cat(folder.checkpoints().string(), ": holds no whole checkpoint; the run starts from the beginning"));
  }
  log::hold_for_file();
  try {
    print_run(run(config, checkpoint, folder, options.pause_at, common.quiet), folder, common.json);
  } catch (const StoppedError& stopped) {
    if (!options.resume && !folder.has_saved())
      throw StoppedError(cat(stopped.what(), " before the first step; nothing was written"));
    throw StoppedError(
        cat(stopped.what(), "; go on with: hiddenkey train ", shell_word(config.output_dir), " --resume"));
  }
  return 0;
}

}  // namespace hiddenkey
