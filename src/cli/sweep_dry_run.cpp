#include <set>

#include "cli/sweep_options.h"
#include "core/error.h"
#include "core/stop_signal.h"
#include "core/text.h"
#include "sweep/estimate.h"
#include "sweep/seed_power.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

std::size_t seeds_of(const SweepPlan& plan) {
  std::set<int64_t> seeds;
  for (const PlannedTrial& trial : plan.trials) seeds.insert(trial.seed);
  return seeds.size();
}

std::string what_trials_can_show(const SweepPlan& plan) {
  if (plan.trials.front().fold == 0) return what_seeds_can_show(seeds_of(plan), plan.cells - 1);
  return "folds share most of their training examples: the report's t-test allows for that, and no exact test over "
         "seeds is made";
}

Json costs_json(const std::vector<CostKind>& kinds) {
  Json json = Json::array();
  for (const CostKind& kind : kinds) {
    Json cost = {{"trials", kind.trials}, {"example", kind.example->name}};
    if (kind.error.empty()) {
      cost.update({{"seconds", kind.seconds}, {"memory_bytes", kind.memory_bytes}});
    } else {
      cost["error"] = kind.error;
    }
    json.push_back(std::move(cost));
  }
  return json;
}

Json plan_json(const SweepPlan& plan, const std::vector<CostKind>& kinds) {
  Json json = {{"folder", plan.folder.string()}, {"metric", plan.metric},
               {"compare_to", plan.compare_to},  {"cells", plan.cells},
               {"merged_cells", plan.merged},    {"note", what_trials_can_show(plan)},
               {"costs", costs_json(kinds)},     {"trials", Json::array()}};
  for (const PlannedTrial& trial : plan.trials)
    json["trials"].push_back(
        {{"name", trial.name}, {"cell", trial.cell}, {"seed", trial.seed}, {"settings", trial.settings}});
  return json;
}

std::string plan_text(const SweepPlan& plan, const std::vector<CostKind>& kinds) {
  std::string text;
  for (const PlannedTrial& trial : plan.trials) text += trial.name + "\n";
  text += cat(plan.trials.size(), " trials of ", plan.cells, plan.cells == 1 ? " cell" : " cells", " into ",
              plan.folder.string(), '\n');
  if (plan.merged > 0)
    text += cat(plan.merged, " more cells of the grid are one of these: they differ in settings that have no part\n");
  return cat(text, what_trials_can_show(plan), '\n', describe_costs(plan, kinds), '\n');
}

}  // namespace

int show_plan(const SweepPlan& plan, const CommonOptions& common) {
  watch_stop_signals();
  const auto workers = std::min<std::size_t>(static_cast<std::size_t>(plan.workers), plan.trials.size());
  const Share share = share_out(static_cast<int>(workers), usable_processors(), usable_gpus()).front();
  const std::optional<std::vector<CostKind>> kinds = estimate_costs(plan, share);
  if (!kinds) throw StoppedError("stopped while trials were tried; nothing was written");
  print(common.json ? plan_json(plan, *kinds).dump(2, ' ', false, Json::error_handler_t::replace) + "\n"
                    : plan_text(plan, *kinds));
  return 0;
}

}  // namespace hiddenkey
