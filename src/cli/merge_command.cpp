#include <memory>

#include "cli/command.h"
#include "cli/load_options.h"
#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "lora/merge.h"
#include "model/write_model.h"
#include "train/run_folder.h"

namespace hiddenkey {
namespace {

struct Options {
  LoadRequest request;
  std::string output;
};

int merge(const Options& options) {
  std::error_code error;
  const fs::path output = options.output;
  if (fs::exists(output, error) && !(fs::is_directory(output, error) && fs::is_empty(output, error))) {
    throw ConfigError(cat("--output: ", output.string(), " is there already; name a new folder"));
  }
  LoadedRun run = load_run(options.request);
  if (!run.adapter && !run.checkpoint)
    throw ModelError(cat(options.request.path.string(), ": has no adapter to merge; it is a plain model"));
  merge_adapters(run.model->network);
  const fs::path place = fs::absolute(output).lexically_normal();
  const fs::path named = place.has_filename() ? place : place.parent_path();
  const fs::path unfinished = named.parent_path() / ("." + named.filename().string() + ".tmp");
  try {
    write_model(unfinished, run.model->folder, run.model->network, run.model->names, run.task.labels);
    write_saved_task(unfinished, {run.config.task,
                                  run.task,
                                  run.config.training.max_length,
                                  named.string(),
                                  "",
                                  {{"merged_from", options.request.path.string()}}});
    if (fs::exists(named, error)) fs::remove(named, error);
    replace_folder(unfinished, named);
  } catch (...) {
    fs::remove_all(unfinished, error);
    throw;
  }
  print(cat(output.string(), ": a plain checkpoint with the adapter merged in\n"));
  return 0;
}

}  // namespace

void add_merge_command(CLI::App& program, CommonOptions& common, Action& action) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(program, common, "merge", "A plain Hugging Face checkpoint with the adapter merged in",
                  "hiddenkey merge runs/rte --output models/rte-merged");
  add_load_options(*command, options->request, false);
  command->add_option("-o,--output", options->output, "New folder")->required();
  command->callback([options, &action] { action = [options] { return merge(*options); }; });
}

}  // namespace hiddenkey
