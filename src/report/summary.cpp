#include "report/summary.h"

#include <algorithm>
#include <map>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

/// A cell's trials, and the metric of those that have finished.
struct Cell {
  std::string name;
  int64_t trials = 0, failed = 0;
  std::map<Replicate, double> values;
};

/// In the study's order.
std::vector<Cell> cells_of(const Study& study) {
  std::vector<Cell> cells;
  std::map<std::string, std::size_t> places;
  for (const Trial& trial : study.trials) {
    const auto [place, is_new] = places.emplace(trial.cell, cells.size());
    if (is_new) cells.push_back({trial.cell, 0, 0, {}});
    Cell& cell = cells[place->second];
    ++cell.trials;
    cell.failed += trial.state == TrialState::kFailed ? 1 : 0;
    if (const std::optional<double> value = metric_of(study, trial)) cell.values[replicate_of(trial)] = *value;
  }
  return cells;
}

std::optional<Comparison> compared(const std::map<Replicate, double>& here, const std::map<Replicate, double>& there,
                                   double shared) {
  std::vector<double> differences;
  for (const auto& [replicate, value] : here) {
    const auto other = there.find(replicate);
    if (other != there.end()) differences.push_back(value - other->second);
  }
  if (differences.empty()) return std::nullopt;
  Comparison comparison;
  comparison.pairs = static_cast<int64_t>(differences.size());
  comparison.difference = mean(differences);
  comparison.t = paired_t(differences, shared);
  if (shared == 0) comparison.rank_p = signed_rank_p(differences);
  return comparison;
}

CellSummary summary_of(const Cell& cell, bool higher_is_better) {
  CellSummary summary;
  summary.cell = cell.name;
  summary.trials = cell.trials;
  summary.failed = cell.failed;
  std::vector<double> values;
  for (const auto& [replicate, value] : cell.values) values.push_back(value);
  summary.done = static_cast<int64_t>(values.size());
  if (values.empty()) return summary;
  summary.median = median(values);
  summary.mean = mean(values);
  summary.deviation = sample_deviation(values);
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  summary.best = higher_is_better ? *most : *least;
  return summary;
}

void correct(std::vector<CellSummary>& summaries) {
  std::vector<std::optional<double>> t, rank;
  for (const CellSummary& summary : summaries) {
    const bool has_t = summary.comparison && summary.comparison->t;
    t.push_back(has_t ? std::make_optional(summary.comparison->t->p) : std::nullopt);
    rank.push_back(summary.comparison ? summary.comparison->rank_p : std::nullopt);
  }
  const std::vector<std::optional<double>> t_holm = holm(t), rank_holm = holm(rank);
  for (std::size_t i = 0; i < summaries.size(); ++i) {
    if (!summaries[i].comparison) continue;
    summaries[i].comparison->t_holm = t_holm[i];
    summaries[i].comparison->rank_holm = rank_holm[i];
  }
}

/// The settings of the axes, in their order; nothing where one is missing.
std::optional<std::vector<std::string>> place_of(const Study& study, const Trial& trial) {
  std::vector<std::string> place;
  for (const std::string& axis : study.axes) {
    const auto found = trial.settings.find(axis);
    if (found == trial.settings.end()) return std::nullopt;
    place.push_back(found->dump());
  }
  return place;
}

}  // namespace

std::vector<CellSummary> summarise(const Study& study) {
  const std::vector<Cell> cells = cells_of(study);
  std::vector<CellSummary> summaries;
  for (const Cell& cell : cells) summaries.push_back(summary_of(cell, study.higher_is_better));
  const bool any = std::any_of(summaries.begin(), summaries.end(), [](const CellSummary& s) { return s.done > 0; });
  if (!any) throw DataError(cat(study.name, ": no trial has finished with the metric ", study.metric, " yet"));
  const auto reference =
      std::find_if(cells.begin(), cells.end(), [&](const Cell& cell) { return cell.name == study.compare_to; });
  for (std::size_t i = 0; i < cells.size() && reference != cells.end(); ++i) {
    if (cells[i].name != study.compare_to)
      summaries[i].comparison = compared(cells[i].values, reference->values, shared_training(study));
  }
  correct(summaries);
  return summaries;
}

std::vector<AxisShare> main_effects(const Study& study) {
  std::map<std::vector<std::string>, std::vector<double>> grid;
  std::vector<double> all;
  for (const Trial& trial : study.trials) {
    const std::optional<std::vector<std::string>> place = place_of(study, trial);
    const std::optional<double> value = metric_of(study, trial);
    if (!place || !value) continue;
    grid[*place].push_back(*value);
    all.push_back(*value);
  }
  std::vector<std::map<std::string, std::vector<double>>> levels(study.axes.size());
  for (const auto& [place, values] : grid) {
    if (values.size() != grid.begin()->second.size()) return {};
    for (std::size_t axis = 0; axis < place.size(); ++axis) {
      std::vector<double>& level = levels[axis][place[axis]];
      level.insert(level.end(), values.begin(), values.end());
    }
  }
  std::size_t combinations = 1;
  for (const auto& axis : levels) combinations *= axis.size();
  if (all.empty() || grid.size() != combinations) return {};
  const double middle = mean(all);
  double total = 0;
  for (const double value : all) total += (value - middle) * (value - middle);
  if (total == 0) return {};
  std::vector<AxisShare> shares;
  for (std::size_t axis = 0; axis < levels.size(); ++axis) {
    if (levels[axis].size() < 2) continue;
    double sum = 0;
    for (const auto& [name, values] : levels[axis])
      sum += static_cast<double>(values.size()) * (mean(values) - middle) * (mean(values) - middle);
    shares.push_back({study.axes[axis], sum / total});
  }
  return shares;
}

}  // namespace hiddenkey
