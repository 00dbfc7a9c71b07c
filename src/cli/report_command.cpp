#include <memory>

#include "cli/command.h"
#include "core/error.h"
#include "core/file.h"
#include "core/folder.h"
#include "core/log.h"
#include "core/text.h"
#include "report/run_page.h"

namespace hiddenkey {
namespace {

struct ReportOptions {
  std::vector<std::string> runs;
  std::string output;
};

fs::path output_of(const ReportOptions& options) {
  if (!options.output.empty()) return options.output;
  if (options.runs.size() > 1)
    throw ConfigError("--output is missing: a page of several runs belongs into no folder of theirs");
  return fs::path(options.runs.front()) / "report.html";
}

int write_run_report(const ReportOptions& options) {
  const fs::path output = output_of(options);
  for (const std::string& run : options.runs) {
    if (path_exists(fs::path(run) / "sweep.json"))
      throw ConfigError(cat(run, ": is a sweep's folder; `hiddenkey sweep report` writes its report"));
  }
  write_file_atomically(output, run_page({options.runs.begin(), options.runs.end()}));
  log::info(cat("written: ", output.string()));
  return 0;
}

}  // namespace

void add_report_command(CLI::App& program, CommonOptions& common, Action& action) {
  const auto options = std::make_shared<ReportOptions>();
  CLI::App* command =
      add_command(program, common, "report", "A page with figures of a run, or of several side by side, for a browser",
                  "hiddenkey report runs/lora runs/hiddenkey --output compared.html");
  command->add_option("RUN", options->runs, "Folders of runs, finished or not")->required();
  command->add_option("--output", options->output, "The page; of one run by default report.html in its folder")
      ->group("Output");
  command->callback([options, &action] { action = [options] { return write_run_report(*options); }; });
}

}  // namespace hiddenkey
