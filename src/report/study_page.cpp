#include "report/study_page.h"

#include <algorithm>
#include <map>

#include "core/folder.h"
#include "report/curves.h"
#include "report/page.h"
#include "report/pairs.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

/// A figure with a row for each cell, or a colour, can be read up to about so many; the tables have them all.
constexpr std::size_t kMostCells = 40, kMostCurves = 14;
constexpr std::size_t kMostPoints = 200;

Json optional_number(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

Json numbers(const std::vector<std::optional<double>>& values) {
  Json list = Json::array();
  for (const std::optional<double>& value : values) list.push_back(optional_number(value));
  return list;
}

Json numbers(const std::vector<double>& values, double divisor = 1) {
  Json list = Json::array();
  for (const double value : values) list.push_back(short_number(value / divisor));
  return list;
}

std::map<std::string, std::size_t> places_of(const std::vector<CellSummary>& cells) {
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < cells.size(); ++i) places[cells[i].cell] = i;
  return places;
}

Json trial_json(const Trial& trial, std::size_t cell, const std::filesystem::path& folder) {
  const bool done = trial.state == TrialState::kDone;
  const std::filesystem::path place = trial.folder.lexically_relative(folder);
  Json json = {{"name", trial.name},
               {"cell", cell},
               {"seed", trial.seed},
               {"state", name_of(trial.state)},
               {"settings", trial.settings.is_object() ? trial.settings : Json::object()},
               {"metrics", trial.metrics.is_object() ? trial.metrics : Json::object()},
               {"folder", path_exists(trial.folder) ? place.generic_string() : ""},
               {"page", path_exists(trial.folder / "report.html")}};
  if (trial.fold > 0) json["fold"] = trial.fold;
  if (!trial.error.empty()) json["error"] = trial.error;
  if (!done) return json;
  json["seconds"] = trial.seconds;
  json["tokens_per_second"] = trial.tokens_per_second;
  json["peak_memory_bytes"] = trial.peak_memory_bytes;
  return json;
}

Json cell_json(const CellSummary& cell) {
  Json json = {{"name", cell.cell},
               {"trials", cell.trials},
               {"done", cell.done},
               {"failed", cell.failed},
               {"median", optional_number(cell.median)},
               {"mean", optional_number(cell.mean)},
               {"sd", optional_number(cell.deviation)},
               {"best", optional_number(cell.best)}};
  if (!cell.comparison) return json;
  const Comparison& comparison = *cell.comparison;
  json["pairs"] = comparison.pairs;
  json["difference"] = comparison.difference;
  if (comparison.t) json.update({{"low", comparison.t->low}, {"high", comparison.t->high}, {"t", comparison.t->p}});
  json["t_holm"] = optional_number(comparison.t_holm);
  json["rank"] = optional_number(comparison.rank_p);
  json["rank_holm"] = optional_number(comparison.rank_holm);
  json["example"] = optional_number(comparison.example_p);
  json["example_holm"] = optional_number(comparison.example_holm);
  return json;
}

/// The cells with a result that have the best medians, and the one that is compared to, in the study's order.
std::vector<std::size_t> best_cells(const Study& study, const std::vector<CellSummary>& cells, std::size_t most) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (cells[i].median) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const bool a_first = cells[a].cell == study.compare_to, b_first = cells[b].cell == study.compare_to;
    if (a_first != b_first) return a_first;
    return study.higher_is_better ? *cells[a].median > *cells[b].median : *cells[a].median < *cells[b].median;
  });
  order.resize(std::min(order.size(), most));
  std::sort(order.begin(), order.end());
  return order;
}

Json pairs_json(const Study& study, const std::map<std::string, std::size_t>& places,
                const std::vector<std::size_t>& shown) {
  std::map<std::size_t, CellValues> by_cell;
  for (const Trial& trial : study.trials) {
    if (const std::optional<double> value = metric_of(study, trial))
      by_cell[places.at(trial.cell)][replicate_of(trial)] = *value;
  }
  std::vector<CellValues> cells;
  for (const std::size_t cell : shown) cells.push_back(by_cell[cell]);
  const PairwiseTests tests = pairwise_tests(cells, shared_training(study));
  return {{"difference", numbers(tests.difference)},
          {"t", numbers(tests.t)},
          {"t_holm", numbers(tests.t_holm)},
          {"rank", numbers(tests.rank)},
          {"rank_holm", numbers(tests.rank_holm)}};
}

/// One line of a figure over epochs.
Json curve_json(const std::vector<Curve>& of_seeds, double steps_per_epoch) {
  const Curve curve = thinned(mean_curve(of_seeds), kMostPoints);
  return {{"seeds", of_seeds.size()}, {"x", numbers(curve.steps, steps_per_epoch)}, {"y", numbers(curve.values)}};
}

/// What the finished runs of one cell measured on their way, by the name of the figure.
struct CellCurves {
  std::map<std::string, std::vector<Curve>> by_figure;
  double steps_per_epoch = 0;

  void add(const std::string& figure, const Curve* curve) {
    if (curve != nullptr) by_figure[figure].push_back(*curve);
  }
};

Json curves_json(const Study& study, const std::map<std::string, std::size_t>& places,
                 const std::vector<std::size_t>& shown) {
  std::map<std::size_t, CellCurves> cells;
  std::size_t damaged = 0;
  for (const Trial& trial : study.trials) {
    const std::size_t cell = places.at(trial.cell);
    if (trial.state != TrialState::kDone || !std::binary_search(shown.begin(), shown.end(), cell)) continue;
    const RunCurves run = read_curves(trial.folder);
    damaged += run.damaged;
    if (run.steps_per_epoch <= 0) continue;
    CellCurves& curves = cells[cell];
    curves.steps_per_epoch = run.steps_per_epoch;
    curves.add("loss", find_curve(run.training, "ce"));  // the part on the labels, which every scheme has
    curves.add("consistency", find_curve(run.training, "consistency"));
    curves.add("metric", find_curve(run.evaluation, study.metric));
  }
  Json json = {
      {"damaged", damaged}, {"loss", Json::array()}, {"consistency", Json::array()}, {"metric", Json::array()}};
  for (const auto& [cell, curves] : cells) {
    for (const auto& [figure, of_seeds] : curves.by_figure) {
      Json line = {{"cell", cell}};
      line.update(curve_json(of_seeds, curves.steps_per_epoch));
      json[figure].push_back(std::move(line));
    }
  }
  return json;
}

}  // namespace

Json study_page_data(const Study& study, const std::vector<CellSummary>& cells, const std::vector<AxisShare>& shares,
                     const std::filesystem::path& folder) {
  const std::map<std::string, std::size_t> places = places_of(cells);
  const std::vector<std::size_t> shown = best_cells(study, cells, kMostCells);
  Json json = {{"name", study.name},
               {"metric", study.metric},
               {"higher_is_better", study.higher_is_better},
               {"compare_to", places.count(study.compare_to) > 0 ? Json(places.at(study.compare_to)) : Json(nullptr)},
               {"axes", study.axes},
               {"cells", Json::array()},
               {"trials", Json::array()},
               {"shares", Json::array()},
               {"config", study.config.is_object() ? study.config : Json::object()},
               {"shown", shown}};
  for (const CellSummary& cell : cells) json["cells"].push_back(cell_json(cell));
  for (const Trial& trial : study.trials) json["trials"].push_back(trial_json(trial, places.at(trial.cell), folder));
  for (const AxisShare& share : shares) json["shares"].push_back({{"axis", share.axis}, {"share", share.share}});
  json["pairs"] = pairs_json(study, places, shown);
  json["curves"] = curves_json(study, places, best_cells(study, cells, kMostCurves));
  return json;
}

std::string study_page(const Study& study, const std::vector<CellSummary>& cells, const std::vector<AxisShare>& shares,
                       const std::filesystem::path& folder) {
  return make_page("study.html", {"study_figures.js", "pairs.js", "study.js"},
                   study_page_data(study, cells, shares, folder));
}

}  // namespace hiddenkey
