#include "report/run_result.h"

#include <cmath>

#include "score/show_report.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

double rounded_to(double value, double scale) { return std::round(value * scale) / scale; }

Json best_json(const RunOutcome& outcome) {
  if (!outcome.best) return nullptr;
  return {{"step", outcome.best->step}, {outcome.metric, outcome.best->value}};
}

Json splits_json(const std::vector<SplitResult>& splits) {
  if (splits.empty()) return nullptr;
  Json json = Json::object();
  for (const SplitResult& split : splits) {
    Json& of_split = json[split.split] = measures_json(split.measures);
    if (split.report) of_split.update(report_json(*split.report));
  }
  return json;
}

Json text_json(const std::optional<TextResult>& text) {
  if (!text) return nullptr;
  return {{"step", text->step}, {"split", "dev"}, {"prompts", text->prompts}, {"metrics", values_json(text->metrics)}};
}

/// What `read` makes of a saved result; nothing where it meets what it does not expect.
template <class Read>
auto read_or_nothing(const Read& read) -> std::optional<decltype(read())> {
  try {
    return read();
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace

Json to_json(const RunResult& result) {
  const RunOutcome& outcome = result.outcome;
  const RunCosts& costs = result.costs;
  Json json = {{"task", result.task},      {"scheme", result.scheme},    {"seed", result.seed},
               {"metric", outcome.metric}, {"best", best_json(outcome)}, {"final", splits_json(result.splits)}};
  if (result.makes_text) json["generation"] = text_json(result.text);
  json["steps"] = outcome.steps;
  json["planned_steps"] = result.planned_steps;
  json["stopped_early"] = outcome.steps < result.planned_steps;
  json["tokens"] = result.tokens;
  json["training_seconds"] = rounded_to(costs.seconds, 1e3);
  json["tokens_per_second"] = costs.tokens_per_second ? Json(rounded_to(*costs.tokens_per_second, 10)) : Json(nullptr);
  json["peak_memory_bytes"] = costs.peak_memory_bytes;
  json["trained_parameters"] = result.trained_parameters;
  json["device"] = result.device;
  json["config"] = result.config;
  if (const std::optional<CudaCheck>& check = result.cuda_check)
    json["cuda_check"] = {{"checked_steps", check->checked_steps}, {"device_allocations", check->device_allocations}};
  return json;
}

std::optional<RunOutcome> outcome_in(const Json& result) {
  return read_or_nothing([&] {
    RunOutcome outcome;
    outcome.steps = result.at("steps").get<int64_t>();
    outcome.metric = result.at("metric").get<std::string>();
    const Json& best = result.at("best");
    if (!best.is_null()) outcome.best = {best.at("step").get<int64_t>(), best.at(outcome.metric).get<double>()};
    return outcome;
  });
}

std::optional<RunCosts> costs_in(const Json& result) {
  return read_or_nothing([&] {
    RunCosts costs;
    costs.seconds = result.at("training_seconds").get<double>();
    const Json& speed = result.at("tokens_per_second");
    if (speed.is_number()) costs.tokens_per_second = speed.get<double>();
    costs.peak_memory_bytes = result.at("peak_memory_bytes").get<int64_t>();
    return costs;
  });
}

std::optional<Json> text_metrics_in(const Json& result) {
  return read_or_nothing([&] {
    const Json text = result.value("generation", Json());
    return text.is_object() ? text.at("metrics") : Json::object();
  });
}

void leave_out_details(Json& result) {
  result.erase("config");
  if (!result.contains("final") || !result["final"].is_object()) return;
  for (Json& of_split : result["final"]) {
    if (!of_split.is_object()) continue;
    for (const char* name : {"more", "classes", "confusion"}) of_split.erase(name);
  }
}

}  // namespace hiddenkey
