#include "cli/sweep_options.h"
#include "core/error.h"
#include "core/log.h"
#include "core/printable.h"
#include "core/text.h"
#include "report/report.h"
#include "sweep/read_study.h"

namespace hiddenkey {

int write_sweep_report(const SweepOptions& options, const CommonOptions& common) {
  if (common.json) throw ConfigError("--json: a report is files; results.csv and summary.csv are for programs");
  const std::string shown = write_report(read_study(options.sweep), options.sweep);
  std::string text;
  for (const std::string& line : split(shown, '\n')) text += printable(line) + "\n";
  print(text);
  log::info(cat("written: results.csv, summary.csv, summary.md, summary.tex and report.html in ", options.sweep));
  return 0;
}

}  // namespace hiddenkey
