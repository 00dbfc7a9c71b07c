#include "score/entity_tally.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {

void EntityTally::add(const EntityTags& tags, const std::vector<int>& predicted, const std::vector<int>& real) {
  const std::vector<Entity> guesses = tags.entities(predicted), truth = tags.entities(real);
  for (const Entity& entity : guesses) {
    ++of[entity.type].predicted;
    if (std::binary_search(truth.begin(), truth.end(), entity)) ++of[entity.type].hits;
  }
  for (const Entity& entity : truth) ++of[entity.type].real;
  for (std::size_t i = 0; i < real.size(); ++i) right_words += predicted[i] == real[i] ? 1 : 0;
  words += static_cast<double>(real.size());
}

void EntityTally::add_times(const EntityTally& other, double times) {
  for (std::size_t i = 0; i < of.size(); ++i) {
    of[i].hits += times * other.of[i].hits;
    of[i].predicted += times * other.of[i].predicted;
    of[i].real += times * other.of[i].real;
  }
  right_words += times * other.right_words;
  words += times * other.words;
}

EntityTally& EntityTally::operator+=(const EntityTally& other) {
  add_times(other, 1);
  return *this;
}

EntityTally& EntityTally::operator-=(const EntityTally& other) {
  add_times(other, -1);
  return *this;
}

std::vector<std::string> entity_metric_names() {
  std::vector<std::string> names = {"precision", "recall", "f1", "accuracy"};
  const std::vector<std::string> averages = averaged_metric_names();
  names.insert(names.end(), averages.begin(), averages.end());
  return names;
}

bool is_entity_metric(const std::string& name) {
  const std::vector<std::string> names = entity_metric_names();
  return std::find(names.begin(), names.end(), name) != names.end();
}

double entity_metric(const std::string& name, const EntityTally& tally) {
  if (name == "accuracy") return tally.right_words / tally.words;
  const bool over_all = name == "precision" || name == "recall" || name == "f1";
  if (const std::optional<double> value = averaged_metric(over_all ? name + "_micro" : name, occurring(tally.of)))
    return *value;
  throw Error(ErrorKind::kBug, cat("no metric of entities is called ", name));
}

MetricValues entity_metrics(const std::vector<std::string>& names, const EntityTally& tally) {
  MetricValues values;
  for (const std::string& name : names) values.emplace_back(name, entity_metric(name, tally));
  return values;
}

}  // namespace hiddenkey
