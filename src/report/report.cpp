#include "report/report.h"

#include "core/file.h"
#include "report/example_tests.h"
#include "report/study_page.h"
#include "report/tables.h"

namespace hiddenkey {

std::string write_report(const Study& study, const std::filesystem::path& folder) {
  std::vector<CellSummary> cells = summarise(study);
  add_example_tests(study, cells);
  const std::vector<AxisShare> shares = main_effects(study);
  std::string shown = summary_markdown(study, cells, shares);
  write_file_atomically(folder / "results.csv", trials_csv(study));
  write_file_atomically(folder / "summary.csv", summary_csv(cells));
  write_file_atomically(folder / "summary.md", shown);
  write_file_atomically(folder / "summary.tex", summary_latex(study, cells));
  write_file_atomically(folder / "report.html", study_page(study, cells, shares, folder));
  return shown;
}

}  // namespace hiddenkey
