#include <memory>

#include "cli/command.h"
#include "cli/load_options.h"
#include "core/error.h"
#include "core/folder.h"
#include "core/text.h"
#include "lora/merge.h"
#include "model/load_weights.h"
#include "model/model_files.h"
#include "model/write_model.h"

namespace hiddenkey {
namespace {

struct Options {
  LoadRequest request;
  std::string output;
  std::string dtype;  ///< empty: the base's
};

/// What the merged weights are stored as: what --dtype says, or what most of the base's numbers are.
at::ScalarType type_of(const Options& options, const Model& base) {
  if (options.dtype == "float32") return at::kFloat;
  if (options.dtype == "bfloat16") return at::kBFloat16;
  if (options.dtype == "float16") return at::kHalf;
  return stored_type(*open_weights(base.folder));
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

int merge(const Options& options) {
  const fs::path place = new_folder(options.output);
  const FolderClaim claim(place);
  LoadedRun run = load_to_merge(options.request);
  if (!run.adapter && !run.checkpoint && options.dtype.empty()) {
    throw ModelError(cat(options.request.path.string(),
                         ": has no adapter to merge; it is a plain model, which --dtype stores anew in another type"));
  }
  merge_adapters(run.model->network);
  write_folder_atomically(place, [&](const fs::path& unfinished) {
    write_model(unfinished, run.model->folder, run.model->network, run.model->names, run.task.labels,
                type_of(options, *run.model));
    write_saved_task(unfinished, {run.config.task,
                                  run.task,
                                  run.config.training.max_length,
                                  place.string(),
                                  "",
                                  {{"merged_from", options.request.path.string()}}});
  });
  print(cat(options.output,
            run.adapter ? ": a plain checkpoint with the adapter merged in\n" : ": a plain checkpoint\n"));
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
  command
      ->add_option("--dtype", options->dtype,
                   "What the weights are stored as; by default what the base's are (float32 where those are quantised)")
      ->check(CLI::IsMember({"float32", "bfloat16", "float16"}));
  command->callback([options, &action] { action = [options] { return merge(*options); }; });
}

}  // namespace hiddenkey
