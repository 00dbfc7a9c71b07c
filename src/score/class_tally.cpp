#include "score/class_tally.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

double sum(const ClassTally& tally, double HitCounts::*member) {
  double total = 0;
  for (const HitCounts& one : tally.of) total += one.*member;
  return total;
}

double product(const ClassTally& tally, double HitCounts::*a, double HitCounts::*b) {
  double total = 0;
  for (const HitCounts& one : tally.of) total += one.*a * one.*b;
  return total;
}

/// The counts of the class that is asked for where there are two.
HitCounts positive_class(const ClassTally& tally, std::size_t positive) {
  return positive < tally.of.size() ? tally.of[positive] : HitCounts();
}

/// A name that means the second of two classes or the macro average of more.
bool is_of_positive_class(const std::string& name) { return name == "precision" || name == "recall" || name == "f1"; }

}  // namespace

ClassTally::ClassTally(const std::vector<int>& predictions, const std::vector<int>& labels, std::size_t classes) {
  for (const std::vector<int>* numbers : {&predictions, &labels}) {
    for (const int number : *numbers) classes = std::max(classes, static_cast<std::size_t>(number) + 1);
  }
  of.resize(classes);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto guess = static_cast<std::size_t>(predictions[i]), label = static_cast<std::size_t>(labels[i]);
    ++of[guess].predicted;
    ++of[label].real;
    if (guess == label) ++of[label].hits;
  }
}

double accuracy(const ClassTally& tally) { return sum(tally, &HitCounts::hits) / sum(tally, &HitCounts::real); }

double balanced_accuracy(const ClassTally& tally) {
  double total = 0;
  int real = 0;
  for (const HitCounts& one : tally.of) {
    if (one.real == 0) continue;
    total += one.recall();
    ++real;
  }
  return total / real;
}

double f1(const ClassTally& tally, int positive) {
  return positive_class(tally, static_cast<std::size_t>(positive)).f1();
}

double macro_f1(const ClassTally& tally) { return *averaged_metric("f1_macro", occurring(tally.of)); }

double matthews(const ClassTally& tally) {
  const double count = sum(tally, &HitCounts::real);
  const double spread = (count * count - product(tally, &HitCounts::predicted, &HitCounts::predicted)) *
                        (count * count - product(tally, &HitCounts::real, &HitCounts::real));
  if (spread == 0) return 0;
  const double shared = product(tally, &HitCounts::real, &HitCounts::predicted);
  return (sum(tally, &HitCounts::hits) * count - shared) / std::sqrt(spread);
}

std::vector<std::string> class_metric_names() {
  std::vector<std::string> names = {"accuracy", "balanced_accuracy", "precision", "recall", "f1"};
  const std::vector<std::string> averages = averaged_metric_names();
  names.insert(names.end(), averages.begin(), averages.end());
  names.emplace_back("matthews");
  return names;
}

bool is_class_metric(const std::string& name) {
  const std::vector<std::string> names = class_metric_names();
  return std::find(names.begin(), names.end(), name) != names.end();
}

double class_metric(const std::string& name, const ClassTally& tally, std::size_t classes) {
  if (name == "accuracy") return accuracy(tally);
  if (name == "balanced_accuracy") return balanced_accuracy(tally);
  if (name == "matthews") return matthews(tally);
  if (is_of_positive_class(name) && classes == 2) {
    const HitCounts positive = positive_class(tally, 1);
    return name == "precision" ? positive.precision() : name == "recall" ? positive.recall() : positive.f1();
  }
  const std::string average = is_of_positive_class(name) ? name + "_macro" : name;
  if (const std::optional<double> value = averaged_metric(average, occurring(tally.of))) return *value;
  throw Error(ErrorKind::kBug, cat("no metric of classes is called ", name));
}

}  // namespace hiddenkey
