#include <memory>

#include "cli/command.h"
#include "cli/load_options.h"
#include "core/error.h"
#include "core/folder.h"
#include "core/text.h"
#include "lora/merge.h"
#include "model/write_model.h"

namespace hiddenkey {
namespace {

struct Options {
  LoadRequest request;
  std::string output;
};

/// Where the merged model goes: a folder that is not there yet or holds nothing.
fs::path new_folder(const std::string& output) {
  if (output.empty()) throw ConfigError("--output: is empty; name a new folder");
  std::error_code error;
  if (fs::exists(fs::symlink_status(output, error)) &&
      !(fs::is_directory(output, error) && fs::is_empty(output, error)))
    throw ConfigError(cat("--output: ", output, " is there already; name a new folder"));
  const fs::path place = fs::absolute(output).lexically_normal();
  return place.has_filename() ? place : place.parent_path();
}

int merge(const Options& options) {
  const fs::path place = new_folder(options.output);
  const FolderClaim claim(place);
  LoadedRun run = load_run(options.request);
  if (!run.adapter)
    throw ModelError(cat(options.request.path.string(), ": has no adapter to merge; it is a plain model"));
  merge_adapters(run.model->network);
  write_folder_atomically(place, [&](const fs::path& unfinished) {
    write_model(unfinished, run.model->folder, run.model->network, run.model->names, run.task.labels);
    write_saved_task(unfinished, {run.config.task,
                                  run.task,
                                  run.config.training.max_length,
                                  place.string(),
                                  "",
                                  {{"merged_from", options.request.path.string()}}});
  });
  print(cat(options.output, ": a plain checkpoint with the adapter merged in\n"));
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
