#include "adapter/merge.h"

#include <memory>

#include "commands/commands.h"
#include "core/error.h"
#include "core/folder.h"
#include "core/text.h"
#include "data/task.h"
#include "model/write_model.h"
#include "run/open_run.h"
#include "run/saved_task.h"

namespace hiddenkey {
namespace {

/// What the merged weights are stored as: what --dtype says, or what most of the base's numbers are.
at::ScalarType type_of(const MergeOptions& options, const Model& model) {
  if (options.dtype == "float32") return at::kFloat;
  if (options.dtype == "bfloat16") return at::kBFloat16;
  if (options.dtype == "float16") return at::kHalf;
  return model.stored;
}

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

}  // namespace

int run_merge(const MergeOptions& options, const CommonOptions& /*common*/) {
  const fs::path place = new_folder(options.output);
  const FolderClaim claim(place);
  LoadedRun run = open_run(options.request, Purpose::kMerge);
  if (!run.adapter && !run.checkpoint && options.dtype.empty()) {
    throw ModelError(cat(options.request.path.string(),
                         ": has no adapter to merge; it is a plain model, which --dtype stores anew in another type"));
  }
  merge_adapters(run.model->network);
  write_folder_atomically(place, [&](const fs::path& unfinished) {
    write_model(unfinished, run.texts, run.model->network, run.model->names, run.task->info.labels,
                problem_type(run.task->info.kind), type_of(options, *run.model));
    write_saved_task(unfinished, {run.config.task,
                                  run.task->info,
                                  run.config.training.max_length,
                                  place.string(),
                                  "",
                                  {{"merged_from", options.request.path.string()}}});
  });
  print(cat(options.output,
            run.adapter ? ": a plain checkpoint with the adapter merged in\n" : ": a plain checkpoint\n"));
  return 0;
}

}  // namespace hiddenkey
