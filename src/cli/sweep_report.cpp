#include "cli/sweep_options.h"
#include "core/error.h"
#include "core/file.h"
#include "core/log.h"
#include "core/printable.h"
#include "core/text.h"
#include "report/optuna_journal.h"
#include "report/report.h"
#include "sweep/read_study.h"

namespace hiddenkey {

int write_sweep_report(const SweepOptions& options, const CommonOptions& common) {
  if (common.json) throw ConfigError("--json: a report is files; results.csv and summary.csv are for programs");
  if (!options.optuna.empty()) require_replaceable_journal(options.optuna);
  const Study study = read_study(options.sweep);
  const std::string shown = write_report(study, options.sweep);
  if (!options.optuna.empty()) write_file_atomically(options.optuna, optuna_journal(study));
  std::string text;
  for (const std::string& line : split(shown, '\n')) text += printable(line) + "\n";
  print(text);
  log::info(cat("written: results.csv, summary.csv, summary.md, summary.tex and report.html in ", options.sweep,
                options.optuna.empty() ? "" : ", and ", options.optuna));
  return 0;
}

}  // namespace hiddenkey
