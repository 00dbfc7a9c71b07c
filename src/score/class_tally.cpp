#include "score/class_tally.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

double sum(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

double product(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

double f1_of(double hits, double predicted, double real) {
  return predicted + real == 0 ? 0 : 2 * hits / (predicted + real);
}

}  // namespace

ClassTally::ClassTally(const std::vector<int>& predictions, const std::vector<int>& labels, std::size_t classes) {
  for (const std::vector<int>* numbers : {&predictions, &labels}) {
    for (const int number : *numbers) classes = std::max(classes, static_cast<std::size_t>(number) + 1);
  }
  for (std::vector<double>* counts : {&hits, &predicted, &real}) counts->resize(classes);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto guess = static_cast<std::size_t>(predictions[i]), label = static_cast<std::size_t>(labels[i]);
    ++predicted[guess];
    ++real[label];
    if (guess == label) ++hits[label];
  }
}

double accuracy(const ClassTally& tally) { return sum(tally.hits) / sum(tally.real); }

double f1(const ClassTally& tally, int positive) {
  const auto i = static_cast<std::size_t>(positive);
  return i < tally.real.size() ? f1_of(tally.hits[i], tally.predicted[i], tally.real[i]) : 0;
}

double macro_f1(const ClassTally& tally) {
  double total = 0;
  int occurring = 0;
  for (std::size_t i = 0; i < tally.real.size(); ++i) {
    if (tally.predicted[i] + tally.real[i] == 0) continue;
    total += f1_of(tally.hits[i], tally.predicted[i], tally.real[i]);
    ++occurring;
  }
  return total / occurring;
}

double matthews(const ClassTally& tally) {
  const double count = sum(tally.real);
  const double spread =
      (count * count - product(tally.predicted, tally.predicted)) * (count * count - product(tally.real, tally.real));
  return spread == 0 ? 0 : (sum(tally.hits) * count - product(tally.real, tally.predicted)) / std::sqrt(spread);
}

bool is_class_metric(const std::string& name) { return name == "accuracy" || name == "f1" || name == "matthews"; }

double class_metric(const std::string& name, const ClassTally& tally, std::size_t classes) {
  if (name == "accuracy") return accuracy(tally);
  if (name == "f1") return classes == 2 ? f1(tally) : macro_f1(tally);
  if (name == "matthews") return matthews(tally);
  throw Error(ErrorKind::kBug, cat("no metric of classes is called ", name));
}

}  // namespace hiddenkey
