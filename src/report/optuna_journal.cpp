#include "report/optuna_journal.h"

#include <array>
#include <cmath>
#include <ctime>

#include "core/error.h"
#include "core/file.h"
#include "core/folder.h"
#include "core/log.h"
#include "core/text.h"
#include "report/optuna_parameters.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

// Optuna's numbers (JournalOperation, StudyDirection, TrialState).
enum Operation { kCreateStudy = 0, kStudyAttribute = 3, kCreateTrial = 4 };
enum Direction { kMinimise = 1, kMaximise = 2 };
enum State { kOptunaRunning = 0, kComplete = 1, kPruned = 2, kFail = 3, kOptunaWaiting = 4 };

constexpr const char* kWorker = "hiddenkey";

std::string to_line(const Json& json) { return json.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n"; }

State state_of(const Study& study, const Trial& trial) {
  switch (trial.state) {
    case TrialState::kDone:
      return metric_of(study, trial) ? kComplete : kFail;
    case TrialState::kFailed:
      return kFail;
    case TrialState::kStopped:
      return kPruned;
    case TrialState::kRunning:
      return kOptunaRunning;
    case TrialState::kWaiting:
    case TrialState::kPaused:
      return kOptunaWaiting;
  }
  return kFail;
}

/// ISO 8601 in UTC; null where the time is not known.
Json date_of(double seconds) {
  if (seconds <= 0) return nullptr;
  const auto whole = static_cast<std::time_t>(seconds);
  std::tm utc{};
  gmtime_r(&whole, &utc);
  std::array<char, 32> date{};
  std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%s.%06d+00:00", date.data(),
                static_cast<int>((seconds - std::floor(seconds)) * 1e6));
  return text.data();
}

/// The metric at each evaluation of the dev split, by step. Lines that are damaged are counted.
Json metric_by_step(const Study& study, const Trial& trial, std::size_t& damaged) {
  Json values = Json::object();
  const fs::path path = trial.folder / "metrics.jsonl";
  if (!path_exists(path)) return values;
  const std::string bytes = read_file(path);
  const std::size_t whole = bytes.rfind('\n') == std::string::npos ? 0 : bytes.rfind('\n');
  for (const std::string& line : split(std::string_view(bytes).substr(0, whole), '\n')) {
    if (line.find("\"dev\"") == std::string::npos) continue;
    try {
      const Json json = Json::parse(line);
      const auto value = json.find(study.metric);
      if (json.at("split") == "dev" && value != json.end() && value->is_number())
        values[std::to_string(json.at("step").get<int64_t>())] = *value;
    } catch (const Json::exception&) {
      ++damaged;
    }
  }
  return values;
}

Json attributes_of(const Study& study, const Trial& trial) {
  Json attributes = {{"trial", trial.name}, {"cell", trial.cell}, {"seed", trial.seed}};
  if (!trial.error.empty()) attributes["error"] = trial.error;
  if (trial.state == TrialState::kDone && !metric_of(study, trial))
    attributes["error"] = cat("the run has no ", study.metric, " that is a number");
  return attributes;
}

Json value_of(const Study& study, const Trial& trial, const Json& by_step) {
  if (const std::optional<double> value = metric_of(study, trial)) return *value;
  // As Optuna does it: a trial that was pruned has its last intermediate value.
  return trial.state == TrialState::kStopped && !by_step.empty() ? by_step.back() : Json();
}

Json trial_record(const Study& study, const Trial& trial, const std::map<std::string, OptunaParameter>& parameters,
                  const Json& by_step) {
  const State state = state_of(study, trial);
  const bool finished = state != kOptunaRunning && state != kOptunaWaiting;
  Json distributions = Json::object(), values = Json::object();
  for (const auto& [key, value] : trial.settings.items()) {
    distributions[key] = parameters.at(key).distribution();
    values[key] = parameters.at(key).internal(value);
  }
  Json record = {{"op_code", static_cast<int>(kCreateTrial)},
                 {"worker_id", kWorker},
                 {"study_id", 0},
                 {"datetime_start", date_of(trial.started)},
                 {"state", static_cast<int>(state)},
                 {"value", value_of(study, trial, by_step)},
                 {"values", nullptr},
                 {"distributions", distributions},
                 {"params", values},
                 {"user_attrs", attributes_of(study, trial)},
                 {"system_attrs", Json::object()},
                 {"intermediate_values", by_step}};
  if (finished && trial.ended > 0) record["datetime_complete"] = date_of(trial.ended);
  return record;
}

}  // namespace

std::string optuna_journal(const Study& study) {
  const int direction = study.higher_is_better ? kMaximise : kMinimise;
  std::string text = to_line({{"op_code", static_cast<int>(kCreateStudy)},
                              {"worker_id", kWorker},
                              {"study_name", study.name},
                              {"directions", Json::array({direction})}});
  text += to_line({{"op_code", static_cast<int>(kStudyAttribute)},
                   {"worker_id", kWorker},
                   {"study_id", 0},
                   {"system_attr", {{"study:metric_names", Json::array({study.metric})}}}});
  const std::map<std::string, OptunaParameter> parameters = optuna_parameters(study);
  std::size_t damaged = 0;
  for (const Trial& trial : study.trials)
    text += to_line(trial_record(study, trial, parameters, metric_by_step(study, trial, damaged)));
  if (damaged > 0) log::warning(cat("metrics.jsonl of the trials: ", damaged, " damaged lines are skipped"));
  return text;
}

void require_replaceable_journal(const fs::path& file) {
  if (!path_exists(file)) return;
  const std::string bytes = read_file(file);
  std::size_t ours = 0, lines = 0;
  for (const std::string& line : split(bytes, '\n')) {
    if (line.empty()) continue;
    ++lines;
    const Json json = Json::parse(line, nullptr, false);
    if (json.is_object() && json.value("worker_id", Json()) == kWorker) ++ours;
  }
  if (ours == 0 || ours < lines)
    throw ConfigError(cat(
        "--optuna: ", file.string(),
        ours > 0 ? ": Optuna has added to this journal, which would be lost" : ": is a file that no report has written",
        "; name another file"));
}

}  // namespace hiddenkey
