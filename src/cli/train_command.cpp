#include <algorithm>
#include <cmath>
#include <future>
#include <memory>

#include "cli/command.h"
#include "core/error.h"
#include "core/file.h"
#include "core/log.h"
#include "core/text.h"
#include "core/version.h"
#include "train/build.h"
#include "train/device.h"
#include "train/memory.h"
#include "train/saved_task.h"
#include "train/stop_signal.h"
#include "train/trainer.h"

namespace hiddenkey {
namespace {

struct Options {
  std::string config;
  std::vector<std::string> overrides;
  bool resume = false, overwrite = false, dry_run = false;
};

/// The resolved config, with what it ran with as comments, so that the file itself can be run again.
std::string config_file(const RunConfig& config, const Job& job, const std::string& base_checksum) {
  return cat("# hiddenkey ", kVersion, " (", kCommit, "), ", library_versions(),
             "\n# device: ", device_name(job.device), "\n# model weights sha256: ", base_checksum,
             "\n# training data sha256: ", dataset_checksum(job.train), "\n", to_yaml(config));
}

/// A resumed run keeps its config, but for what changes neither the numbers nor the files.
void check_same_config(const RunConfig& config, const fs::path& saved) {
  RunConfig before = load_saved_config(saved);
  RunConfig now = config;
  before.logging = now.logging;
  before.checkpoint = now.checkpoint;
  before.training.device = now.training.device;
  before.output_dir = now.output_dir;
  const std::vector<std::string> old_lines = split(to_yaml(before), '\n'), new_lines = split(to_yaml(now), '\n');
  for (std::size_t i = 0; i < std::min(old_lines.size(), new_lines.size()); ++i) {
    if (old_lines[i] == new_lines[i]) continue;
    const auto trimmed = [](const std::string& line) {
      return line.substr(std::min(line.size(), line.find_first_not_of(' ')));
    };
    throw ConfigError(cat(saved.string(), ": the run to resume has \"", trimmed(old_lines[i]), "\", the config now \"",
                          trimmed(new_lines[i]), "\"; a run is resumed with its own config"));
  }
}

void say_memory(const Job& job) {
  int64_t base = 0;
  for (const NamedTensor& named : job.model->network.leaves()) base += named.tensor.numel();
  const MemoryEstimate memory = estimate_memory(job.config, job.model->hub.architecture, base,
                                                job.trained.adapter_parameters + job.trained.saved_parameters);
  log::info(cat("memory: about ", format_bytes(static_cast<double>(memory.total())), " at full length (weights ",
                format_bytes(static_cast<double>(memory.weights)), ", training state ",
                format_bytes(static_cast<double>(memory.trained)), ", activations ",
                format_bytes(static_cast<double>(memory.activations)), ")"));
}

std::optional<FoundCheckpoint> checkpoint_to_resume(const RunFolder& folder, const RunConfig& config) {
  check_same_config(config, folder.config());
  std::optional<FoundCheckpoint> found = find_checkpoint(folder.checkpoints());
  if (!found)
    log::warning(cat(folder.checkpoints().string(), ": holds no whole checkpoint; the run starts from the beginning"));
  return found;
}

void print_result(const nlohmann::ordered_json& result, const RunFolder& folder, bool json) {
  if (json) return print(result.dump(2) + "\n");
  const std::string metric = result["metric"];
  std::string line = cat("done: ", result["steps"].get<int64_t>(), " steps");
  if (!result["best"].is_null())
    line += cat(", best ", metric, " ", format_number(std::round(result["best"][metric].get<double>() * 1e4) / 1e4),
                " at step ", result["best"]["step"].get<int64_t>());
  print(cat(line, ", ", folder.path().string(), "\n"));
}

int train(const Options& options, const CommonOptions& common) {
  const RunConfig config = require_run_config(options.config, options.overrides);
  if (options.dry_run) {
    const Job job = build_job(config);
    describe_job(job);
    say_memory(job);
    return 0;
  }
  const ExistingRun existing = options.resume      ? ExistingRun::kResume
                               : options.overwrite ? ExistingRun::kOverwrite
                                                   : ExistingRun::kRefuse;
  const RunFolder folder(config.output_dir, existing);
  watch_stop_signals();
  std::optional<FoundCheckpoint> checkpoint;
  if (options.resume) checkpoint = checkpoint_to_resume(folder, config);
  log::set_file(folder.log().string());
  std::future<std::string> checksum =
      std::async(std::launch::async, [path = config.model.path] { return weights_checksum(path); });
  Job job = build_job(config);
  describe_job(job);
  say_memory(job);
  const std::string base_checksum = checksum.get();
  Trainer trainer(job, folder, base_checksum, common.quiet);
  if (checkpoint) trainer.restore(*checkpoint);
  write_schema_file();
  write_file_atomically(folder.config(), config_file(config, job, base_checksum));
  const nlohmann::ordered_json result = trainer.run();
  write_file_atomically(folder.result(), result.dump(2) + "\n");
  print_result(result, folder, common.json);
  return 0;
}

}  // namespace

void add_train_command(CLI::App& program, CommonOptions& common, Action& action) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(program, common, "train", "A finetuning run into output_dir",
                  "hiddenkey train configs/glue/rte.yaml model.path=models/roberta-large training.seed=1");
  command->add_option("CONFIG", options->config, "YAML or JSON file")->required();
  command->add_option("key=value", options->overrides, "Overrides, such as dropout.hidden.rate=0.2");
  CLI::Option* resume =
      command->add_flag("--resume", options->resume, "Go on with the run in output_dir")->group("Run");
  command->add_flag("--overwrite", options->overwrite, "Replace the run in output_dir")->excludes(resume)->group("Run");
  command->add_flag("--dry-run", options->dry_run, "Load everything, say what would be trained, write nothing")
      ->group("Run");
  add_json_flag(*command, common);
  command->callback([options, &common, &action] { action = [options, &common] { return train(*options, common); }; });
}

}  // namespace hiddenkey
