#include "report/tables.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include "core/text.h"
#include "data/delimited.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;
using Row = std::vector<std::string>;

std::string csv_line(const Row& row) {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) line += (i == 0 ? "" : ",") + csv_field(row[i]);
  return line + "\r\n";
}

std::string plain(const Json& value) {
  if (value.is_null()) return "";
  return value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string all_digits(const std::optional<double>& value) { return value ? Json(*value).dump() : ""; }

std::string formatted(const char* format, double value) {
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string four_digits(const std::optional<double>& value) { return value ? formatted("%.4f", *value) : ""; }
std::string with_sign(const std::optional<double>& value) { return value ? formatted("%+.4f", *value) : ""; }
std::string short_p(const std::optional<double>& value) { return value ? formatted("%.3g", *value) : ""; }

/// The names that any trial has, in the order in which they come up.
template <class Names>
Row names_of(const Study& study, const Names& names) {
  Row found;
  std::set<std::string> known;
  for (const Trial& trial : study.trials) {
    for (const auto& [name, value] : names(trial).items()) {
      if (known.insert(name).second) found.push_back(name);
    }
  }
  return found;
}

Row values_of(const Json& object, const Row& names) {
  Row values;
  for (const std::string& name : names) {
    const auto found = object.find(name);
    values.push_back(found == object.end() ? "" : plain(*found));
  }
  return values;
}

void append(Row& row, const Row& more) { row.insert(row.end(), more.begin(), more.end()); }

std::optional<double> t_of(const CellSummary& cell, double PairedT::*member) {
  return cell.comparison && cell.comparison->t ? std::make_optional((*cell.comparison->t).*member) : std::nullopt;
}

std::optional<double> of_comparison(const CellSummary& cell, std::optional<double> Comparison::*member) {
  return cell.comparison ? (*cell.comparison).*member : std::nullopt;
}

std::optional<double> difference_of(const CellSummary& cell) {
  return cell.comparison ? std::make_optional(cell.comparison->difference) : std::nullopt;
}

std::string example_count(const CellSummary& cell) {
  return of_comparison(cell, &Comparison::example_p) ? std::to_string(cell.comparison->examples) : "";
}

std::string interval_of(const CellSummary& cell) {
  const std::optional<double> low = t_of(cell, &PairedT::low), high = t_of(cell, &PairedT::high);
  return low ? cat('[', with_sign(low), ", ", with_sign(high), ']') : "";
}

std::string escaped(const std::string& text, const std::vector<std::pair<char, const char*>>& special) {
  std::string result;
  for (const char c : text) {
    const auto found = std::find_if(special.begin(), special.end(), [c](const auto& pair) { return pair.first == c; });
    if (found != special.end()) {
      result += found->second;
    } else {
      result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return result;
}

std::string markdown_text(const std::string& text) {
  return escaped(text, {{'|', "\\|"},
                        {'\\', "\\\\"},
                        {'`', "\\`"},
                        {'*', "\\*"},
                        {'_', "\\_"},
                        {'[', "\\["},
                        {'<', "&lt;"},
                        {'>', "&gt;"},
                        {'&', "&amp;"}});
}

std::string latex_text(const std::string& text) {
  return escaped(text, {{'\\', "\\textbackslash{}"},
                        {'&', "\\&"},
                        {'%', "\\%"},
                        {'$', "\\$"},
                        {'#', "\\#"},
                        {'_', "\\_"},
                        {'{', "\\{"},
                        {'}', "\\}"},
                        {'~', "\\textasciitilde{}"},
                        {'^', "\\textasciicircum{}"}});
}

bool compares(const std::vector<CellSummary>& cells) {
  return std::any_of(cells.begin(), cells.end(), [](const CellSummary& cell) { return cell.comparison.has_value(); });
}

bool tests_examples(const std::vector<CellSummary>& cells) {
  return std::any_of(cells.begin(), cells.end(),
                     [](const CellSummary& cell) { return of_comparison(cell, &Comparison::example_p).has_value(); });
}

/// The columns of a table for people.
struct Columns {
  explicit Columns(const std::vector<CellSummary>& cells)
      : comparison(compares(cells)), examples(tests_examples(cells)) {}
  bool comparison, examples;
};

Row shown_row(const CellSummary& cell, const std::string& name, const Columns& columns) {
  Row row{name,
          std::to_string(cell.done),
          four_digits(cell.median),
          four_digits(cell.mean),
          four_digits(cell.deviation),
          four_digits(cell.best)};
  if (!columns.comparison) return row;
  append(row, {with_sign(difference_of(cell)), interval_of(cell), short_p(t_of(cell, &PairedT::p)),
               short_p(of_comparison(cell, &Comparison::t_holm)), short_p(of_comparison(cell, &Comparison::rank_p)),
               short_p(of_comparison(cell, &Comparison::rank_holm))});
  if (columns.examples)
    append(row, {short_p(of_comparison(cell, &Comparison::example_p)),
                 short_p(of_comparison(cell, &Comparison::example_holm))});
  return row;
}

Row shown_head(const Columns& columns) {
  Row head{"cell", "n", "median", "mean", "sd", "best"};
  if (columns.comparison) append(head, {"difference", "95% interval", "p (t)", "Holm", "p (rank)", "Holm"});
  if (columns.examples) append(head, {"p (examples)", "Holm"});
  return head;
}

std::string explain_example_test(const std::string& metric) {
  if (metric == "accuracy")
    return "the exact test, paired by example, of whether the seeds that are right here are more or fewer than there "
           "by chance; with one seed it is McNemar's.";
  return "the share of random swaps of examples between the two cells that make the difference of the means as large.";
}

std::string joined(const Row& row, const std::string& between) {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) line += (i == 0 ? "" : between) + row[i];
  return line;
}

}  // namespace

std::string trials_csv(const Study& study) {
  const Row settings = names_of(study, [](const Trial& trial) -> const Json& { return trial.settings; });
  const Row metrics = names_of(study, [](const Trial& trial) -> const Json& { return trial.metrics; });
  const bool folds = shared_training(study) > 0;
  Row head{"name", "cell", "seed"};
  if (folds) head.emplace_back("fold");
  head.emplace_back("state");
  append(head, settings);
  append(head, metrics);
  append(head, {"seconds", "tokens_per_second", "peak_memory_bytes", "error"});
  std::string text = csv_line(head);
  for (const Trial& trial : study.trials) {
    const bool done = trial.state == TrialState::kDone;
    Row row{trial.name, trial.cell, std::to_string(trial.seed)};
    if (folds) row.push_back(std::to_string(trial.fold));
    row.emplace_back(name_of(trial.state));
    append(row, values_of(trial.settings, settings));
    append(row, values_of(trial.metrics, metrics));
    append(row, {done ? Json(trial.seconds).dump() : "", done ? Json(trial.tokens_per_second).dump() : "",
                 done ? std::to_string(trial.peak_memory_bytes) : "", trial.error});
    text += csv_line(row);
  }
  return text;
}

std::string summary_csv(const std::vector<CellSummary>& cells) {
  std::string text =
      csv_line({"cell", "trials", "done", "failed", "median", "mean", "sd", "best", "pairs", "difference", "low",
                "high", "p_t", "p_t_holm", "p_rank", "p_rank_holm", "examples", "example_p", "example_p_holm"});
  for (const CellSummary& cell : cells) {
    text += csv_line({cell.cell, std::to_string(cell.trials), std::to_string(cell.done), std::to_string(cell.failed),
                      all_digits(cell.median), all_digits(cell.mean), all_digits(cell.deviation), all_digits(cell.best),
                      cell.comparison ? std::to_string(cell.comparison->pairs) : "", all_digits(difference_of(cell)),
                      all_digits(t_of(cell, &PairedT::low)), all_digits(t_of(cell, &PairedT::high)),
                      all_digits(t_of(cell, &PairedT::p)), all_digits(of_comparison(cell, &Comparison::t_holm)),
                      all_digits(of_comparison(cell, &Comparison::rank_p)),
                      all_digits(of_comparison(cell, &Comparison::rank_holm)), example_count(cell),
                      all_digits(of_comparison(cell, &Comparison::example_p)),
                      all_digits(of_comparison(cell, &Comparison::example_holm))});
  }
  return text;
}

std::string summary_markdown(const Study& study, const std::vector<CellSummary>& cells,
                             const std::vector<AxisShare>& shares) {
  const Columns columns(cells);
  const Row head = shown_head(columns);
  std::string text = cat("# ", markdown_text(study.name), ": ", markdown_text(study.metric), "\n\n");
  text += cat("| ", joined(head, " | "), " |\n|---|", joined(Row(head.size() - 1, "--:"), "|"), "|\n");
  for (const CellSummary& cell : cells)
    text += cat("| ", joined(shown_row(cell, markdown_text(cell.cell), columns), " | "), " |\n");
  text += "\nn: trials that have finished. sd: of a sample.";
  if (columns.comparison) {
    text += cat(" Differences are to ", markdown_text(study.compare_to),
                shared_training(study) > 0
                    ? ", paired by seed and fold: a t-test that allows for the training examples that folds share"
                    : ", paired by seed: a t-test, which takes them for normal, and the exact signed-rank test",
                "; Holm: corrected for all cells of the table.");
  }
  if (columns.examples) text += cat(" p (examples): ", explain_example_test(study.metric));
  text += "\n";
  int64_t failed = 0, unfinished = 0;
  for (const CellSummary& cell : cells) {
    failed += cell.failed;
    unfinished += cell.trials - cell.done - cell.failed;
  }
  if (failed + unfinished > 0) text += cat("\nTrials that failed: ", failed, ". Not finished yet: ", unfinished, ".\n");
  if (!shares.empty()) {
    text += cat("\n| axis | share of the spread of ", markdown_text(study.metric), " |\n|---|--:|\n");
    for (const AxisShare& share : shares)
      text += cat("| ", markdown_text(share.axis), " | ", formatted("%.1f%%", 100 * share.share), " |\n");
    text += "\nThe rest is what axes do together, and chance.\n";
  }
  return text;
}

std::string summary_latex(const Study& study, const std::vector<CellSummary>& cells) {
  const Columns columns(cells);
  Row head = shown_head(columns);
  std::transform(head.begin(), head.end(), head.begin(), latex_text);
  std::string text =
      cat("% ", escaped(study.name, {}), ": ", escaped(study.metric, {}), "; needs \\usepackage{booktabs}\n");
  text += cat("\\begin{tabular}{l", std::string(head.size() - 1, 'r'), "}\n\\toprule\n", joined(head, " & "),
              " \\\\\n\\midrule\n");
  for (const CellSummary& cell : cells)
    text += joined(shown_row(cell, latex_text(cell.cell), columns), " & ") + " \\\\\n";
  return text + "\\bottomrule\n\\end{tabular}\n";
}

}  // namespace hiddenkey
