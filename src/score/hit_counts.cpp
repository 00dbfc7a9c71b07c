#include "score/hit_counts.h"

#include <algorithm>
#include <iterator>

#include "core/text.h"

namespace hiddenkey {
namespace {

using Measure = double (HitCounts::*)() const;

struct NamedMeasure {
  const char* name;
  Measure measure;
};
constexpr NamedMeasure kMeasures[] = {
    {"precision", &HitCounts::precision}, {"recall", &HitCounts::recall}, {"f1", &HitCounts::f1}};

double ratio(double numerator, double denominator) { return denominator == 0 ? 0 : numerator / denominator; }

double micro(const std::vector<HitCounts>& counts, Measure measure) { return (sum_of(counts).*measure)(); }

double macro(const std::vector<HitCounts>& counts, Measure measure) {
  double total = 0;
  for (const HitCounts& one : counts) total += (one.*measure)();
  return total / static_cast<double>(counts.size());
}

/// Where nothing is real there are no weights, but then nothing is hit either and every measure is 0.
double weighted(const std::vector<HitCounts>& counts, Measure measure) {
  const double real = sum_of(counts).real;
  if (real == 0) return 0;
  double total = 0;
  for (const HitCounts& one : counts) total += one.real * (one.*measure)();
  return total / real;
}

struct NamedAverage {
  const char* name;
  double (*average)(const std::vector<HitCounts>& counts, Measure measure);
};
constexpr NamedAverage kAverages[] = {{"micro", micro}, {"macro", macro}, {"weighted", weighted}};

}  // namespace

double HitCounts::precision() const { return ratio(hits, predicted); }
double HitCounts::recall() const { return ratio(hits, real); }
double HitCounts::f1() const { return ratio(2 * hits, predicted + real); }

HitCounts sum_of(const std::vector<HitCounts>& counts) {
  HitCounts sum;
  for (const HitCounts& one : counts) {
    sum.hits += one.hits;
    sum.predicted += one.predicted;
    sum.real += one.real;
  }
  return sum;
}

std::vector<HitCounts> occurring(const std::vector<HitCounts>& counts) {
  std::vector<HitCounts> result;
  std::copy_if(counts.begin(), counts.end(), std::back_inserter(result),
               [](const HitCounts& one) { return one.predicted + one.real > 0; });
  return result;
}

std::vector<std::string> averaged_metric_names() {
  std::vector<std::string> names;
  for (const NamedAverage& average : kAverages) {
    for (const NamedMeasure& measure : kMeasures) names.push_back(cat(measure.name, "_", average.name));
  }
  return names;
}

std::optional<double> averaged_metric(const std::string& name, const std::vector<HitCounts>& counts) {
  for (const NamedMeasure& measure : kMeasures) {
    const std::string prefix = cat(measure.name, "_");
    if (!name.starts_with(prefix)) continue;
    for (const NamedAverage& average : kAverages) {
      if (name.substr(prefix.size()) == average.name) return average.average(counts, measure.measure);
    }
  }
  return std::nullopt;
}

}  // namespace hiddenkey
