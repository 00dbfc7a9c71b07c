#include "sweep/halving.h"

#include <algorithm>
#include <cmath>

#include "core/log.h"
#include "core/stop_signal.h"
#include "core/text.h"
#include "sweep/trial_result.h"

namespace hiddenkey {
namespace {

/// The contenders that have come to the rung, with the metric there.
struct AtRung {
  std::vector<const PlannedTrial*> trials;
  std::vector<RungValue> values;
};

AtRung read_values(const SweepPlan& plan, const std::vector<const PlannedTrial*>& contenders, double share) {
  AtRung found;
  for (const PlannedTrial* trial : contenders) {
    const std::optional<double> value = read_rung(SweepFolder(plan.folder).trial(trial->name), share, plan.metric);
    if (!value) continue;
    found.trials.push_back(trial);
    found.values.push_back({trial->cell, *value});
  }
  return found;
}

/// A trial that was stopped before is not told again, nor one that came to its end by itself.
void tell_stopped(const SweepPlan& plan, const AtRung& found, const std::vector<std::string>& kept, double share) {
  const SweepFolder folder(plan.folder);
  const std::map<std::string, TrialHistory> histories = read_trial_logs(plan.folder);
  TrialLog log(folder.log());
  for (std::size_t i = 0; i < found.trials.size(); ++i) {
    const std::string& name = found.trials[i]->name;
    const auto history = histories.find(name);
    const bool told = history != histories.end() && history->second.last.state == "stopped";
    const bool goes_on = std::find(kept.begin(), kept.end(), found.trials[i]->cell) != kept.end();
    if (goes_on || told || read_trial_result(folder.trial(name))) continue;
    char value[64];
    std::snprintf(value, sizeof value, "%.4f", found.values[i].value);
    log.write({name, "stopped", 0, 1, {}, cat("stopped at ", shown_share(share), " with ", plan.metric, ' ', value)});
  }
}

}  // namespace

std::vector<std::string> cells_that_go_on(const std::vector<RungValue>& values, double keep, bool higher_is_better,
                                          const std::string& compare_to) {
  struct Tally {
    std::string name;
    double sum = 0, count = 0;
  };
  std::vector<Tally> cells;
  for (const RungValue& value : values) {
    auto cell = std::find_if(cells.begin(), cells.end(), [&](const Tally& c) { return c.name == value.cell; });
    if (cell == cells.end()) cell = cells.insert(cell, {value.cell, 0, 0});
    cell->sum += value.value;
    ++cell->count;
  }
  std::stable_sort(cells.begin(), cells.end(), [&](const Tally& a, const Tally& b) {
    const double left = a.sum / a.count, right = b.sum / b.count;
    return higher_is_better ? left > right : left < right;
  });
  const auto count = static_cast<std::size_t>(std::ceil(keep * static_cast<double>(cells.size()) - 1e-9));
  std::vector<std::string> names;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i < count || cells[i].name == compare_to) names.push_back(cells[i].name);
  }
  return names;
}

Outcome run_with_halving(const SweepPlan& plan, const std::vector<Share>& shares) {
  Stage stage;
  for (const PlannedTrial& trial : plan.trials) stage.trials.push_back(&trial);
  std::size_t failed = 0;
  for (const double rung : plan.halving.rungs) {
    stage.pause_at = rung;
    Outcome outcome = Driver(plan, stage, shares, "").run();
    outcome.failed += failed;
    if (stop_requested()) return outcome;
    failed = outcome.failed;
    const AtRung found = read_values(plan, stage.trials, rung);
    const std::vector<std::string> kept =
        cells_that_go_on(found.values, plan.halving.keep, plan.higher_is_better, plan.compare_to);
    tell_stopped(plan, found, kept, rung);
    stage.trials.clear();
    for (const PlannedTrial* trial : found.trials) {
      if (std::find(kept.begin(), kept.end(), trial->cell) != kept.end()) stage.trials.push_back(trial);
    }
    log::info(cat("at ", shown_share(rung), ": ", kept.size(),
                  kept.size() == 1 ? " cell goes on: " : " cells go on: ", join(kept, " | ")));
  }
  stage.pause_at.reset();
  Outcome outcome = Driver(plan, stage, shares, "").run();
  outcome.failed += failed;
  return outcome;
}

}  // namespace hiddenkey
