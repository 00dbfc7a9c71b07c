#include "sweep/sweep_folder.h"

#include <map>
#include <optional>
#include <unordered_map>

#include "core/error.h"
#include "core/file.h"
#include "core/folder.h"
#include "core/json_file.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

OrderedJson to_json(const RecordedTrial& trial) {
  OrderedJson json = {{"name", trial.name}, {"cell", trial.cell}, {"seed", trial.seed}};
  if (trial.fold > 0) json["fold"] = trial.fold;
  json.update({{"settings", trial.settings}, {"digest", trial.digest}});
  return json;
}

RecordedTrial recorded_trial(const OrderedJson& json) {
  return {json.at("name"),     json.at("cell"),  json.at("seed"), json.value("fold", int64_t{0}),
          json.at("settings"), json.at("digest")};
}

std::string to_text(const SweepRecord& record) {
  OrderedJson json = {{"format", 1},
                      {"name", record.name},
                      {"metric", record.metric},
                      {"higher_is_better", record.higher_is_better},
                      {"compare_to", record.compare_to},
                      {"workers", record.workers},
                      {"axes", record.axes},
                      {"config", record.config}};
  std::vector<std::string> trials;
  for (const RecordedTrial& trial : record.trials) trials.push_back("  " + to_json(trial).dump());
  std::string text = json.dump(1);
  text.resize(text.rfind('\n'));
  return cat(text, ",\n \"trials\": [\n", join(trials, ",\n"), "\n ]\n}\n");
}

SweepRecord record_of(const SweepPlan& plan) {
  SweepRecord record;
  record.name = plan.folder.filename().string();
  record.metric = plan.metric;
  record.higher_is_better = plan.higher_is_better;
  record.compare_to = plan.compare_to;
  record.workers = plan.workers;
  record.axes = plan.axes;
  record.config = comparable_json(plan.trials.front().config);
  for (const PlannedTrial& trial : plan.trials)
    record.trials.push_back({trial.name, trial.cell, trial.seed, trial.fold, trial.settings, trial.digest});
  return record;
}

/// "training.epochs is 3 there and 4 here" of the first key that differs; "" where none does.
std::string difference(const OrderedJson& there, const OrderedJson& here, const std::string& prefix) {
  const auto shown = [](const OrderedJson& json, const std::string& key) {
    return json.contains(key) ? json.at(key).dump() : std::string("not given");
  };
  OrderedJson both = there;
  both.update(here);
  for (const auto& [key, value] : both.items()) {
    if (there.contains(key) && here.contains(key) && there.at(key).is_object() && here.at(key).is_object()) {
      if (std::string found = difference(there.at(key), here.at(key), cat(prefix, key, '.')); !found.empty())
        return found;
    } else if (!there.contains(key) || !here.contains(key) || there.at(key) != here.at(key)) {
      return cat(prefix, key, " is ", shown(there, key), " there and ", shown(here, key), " here");
    }
  }
  return "";
}

/// Why trials of the folder would not be this sweep's; "" where the sweep has them all.
std::string what_differs(const SweepRecord& there, const SweepRecord& here) {
  std::unordered_map<std::string, const RecordedTrial*> trials;
  for (const RecordedTrial& trial : here.trials) trials[trial.name] = &trial;
  for (const RecordedTrial& trial : there.trials) {
    const auto found = trials.find(trial.name);
    if (found == trials.end()) return cat("it has the trial ", trial.name, ", and this sweep has not");
    if (found->second->digest == trial.digest) continue;
    const std::string key = difference(there.config, here.config, "");
    return key.empty() ? cat("the trial ", trial.name, " has another config there") : key;
  }
  return "";
}

void require_no_foreign_files(const SweepFolder& folder) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder.path(), error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(".") || name.starts_with("lock")) continue;
    throw ConfigError(
        cat("output_dir: ", folder.path().string(), " holds ", name, " and no sweep; name another folder"));
  }
}

}  // namespace

SweepRecord read_sweep_record(const fs::path& folder) {
  const fs::path path = SweepFolder(folder).record();
  if (!path_exists(path)) throw ConfigError(cat(folder.string(), ": is no folder of a sweep: it has no sweep.json"));
  const OrderedJson json = read_ordered_json_object(path, ErrorKind::kConfig);
  try {
    SweepRecord record{json.at("name"),    json.at("metric"), json.at("higher_is_better"), json.at("compare_to"),
                       json.at("workers"), json.at("axes"),   json.at("config"),           {}};
    for (const OrderedJson& trial : json.at("trials")) record.trials.push_back(recorded_trial(trial));
    return record;
  } catch (const OrderedJson::exception&) {
    throw ConfigError(cat(path.string(), ": does not hold what a sweep's record does"));
  }
}

void write_sweep(const SweepPlan& plan) {
  const SweepFolder folder(plan.folder);
  const SweepRecord record = record_of(plan);
  if (path_exists(folder.record())) {
    const std::string differs = what_differs(read_sweep_record(plan.folder), record);
    if (!differs.empty())
      throw ConfigError(cat("output_dir: ", plan.folder.string(), " holds another sweep: ", differs,
                            "; trials can be added to a sweep, and anything else needs another folder"));
  } else {
    require_no_foreign_files(folder);
  }
  // The record is the first file of all: several workers may begin at the same time.
  write_file_atomically(folder.record(), to_text(record));
  write_file_atomically(folder.yaml(), plan.yaml);
  for (const char* name : {"trials", "configs", "messages"}) make_writable_folder(plan.folder / name);
}

}  // namespace hiddenkey
