#include "report/optuna_parameters.h"

#include <algorithm>

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

/// Optuna's choices are null, truth values, numbers and texts.
Json choice_of(const Json& value) {
  return value.is_structured() ? Json(value.dump(-1, ' ', false, Json::error_handler_t::replace)) : value;
}

}  // namespace

void OptunaParameter::see(const Json& value) {
  const Json choice = choice_of(value);
  all_numbers_ = all_numbers_ && value.is_number();
  all_whole_ = all_whole_ && value.is_number_integer();
  if (value.is_number()) {
    const auto number = value.get<double>();
    low_ = choices_.empty() ? number : std::min(low_, number);
    high_ = choices_.empty() ? number : std::max(high_, number);
  }
  if (std::find(choices_.begin(), choices_.end(), choice) == choices_.end()) choices_.push_back(choice);
}

bool OptunaParameter::is_number() const { return all_numbers_; }

bool OptunaParameter::is_logarithmic() const { return low_ > 0 && high_ >= 100 * low_; }

std::string OptunaParameter::distribution() const {
  Json json;
  if (!is_number()) {
    json = {{"name", "CategoricalDistribution"}, {"attributes", {{"choices", choices_}}}};
  } else if (all_whole_) {
    json = {{"name", "IntDistribution"},
            {"attributes",
             {{"log", is_logarithmic()},
              {"step", 1},
              {"low", static_cast<int64_t>(low_)},
              {"high", static_cast<int64_t>(high_)}}}};
  } else {
    json = {{"name", "FloatDistribution"},
            {"attributes", {{"step", nullptr}, {"low", low_}, {"high", high_}, {"log", is_logarithmic()}}}};
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json OptunaParameter::internal(const Json& value) const {
  if (is_number()) return value.get<double>();
  return std::find(choices_.begin(), choices_.end(), choice_of(value)) - choices_.begin();
}

std::map<std::string, OptunaParameter> optuna_parameters(const Study& study) {
  std::map<std::string, OptunaParameter> parameters;
  for (const Trial& trial : study.trials) {
    for (const auto& [key, value] : trial.settings.items()) parameters[key].see(value);
  }
  return parameters;
}

}  // namespace hiddenkey
