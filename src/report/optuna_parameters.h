#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "report/study.h"

namespace hiddenkey {

/// What Optuna knows a varied key as: whole numbers, numbers, or one of several choices. Its range, or its choices, are
/// what the study's trials have.
class OptunaParameter {
 public:
  void see(const nlohmann::ordered_json& value);

  /// The JSON text by which Optuna reads a distribution.
  std::string distribution() const;
  /// A value as the journal has it: a number as it is, otherwise the number of the choice.
  nlohmann::ordered_json internal(const nlohmann::ordered_json& value) const;

 private:
  bool is_number() const;
  /// Where numbers go over two powers of ten they stand on a logarithmic scale.
  bool is_logarithmic() const;

  bool all_numbers_ = true, all_whole_ = true;
  double low_ = 0, high_ = 0;
  nlohmann::ordered_json choices_ = nlohmann::ordered_json::array();
};

std::map<std::string, OptunaParameter> optuna_parameters(const Study& study);

}  // namespace hiddenkey
