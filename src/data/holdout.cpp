#include "data/holdout.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <unordered_map>

#include "core/error.h"
#include "core/split_mix.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

using Indices = std::vector<std::size_t>;

/// What is held out together: a group's examples, or one.
std::vector<Indices> units_of(const std::vector<TextExample>& examples, const TaskInfo& task) {
  std::vector<Indices> units;
  std::unordered_map<std::string, std::size_t> unit_of_group;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const bool grouped = task.kind == TaskKind::kGeneration;
    const auto [place, is_new] =
        grouped ? unit_of_group.emplace(examples[i].group, units.size()) : std::pair(unit_of_group.end(), true);
    if (is_new) {
      units.push_back({i});
    } else {
      units[place->second].push_back(i);
    }
  }
  return units;
}

/// What a part should have as much of as the others: a class or score; of several labels the whole set, of tagged words
/// the tags that occur.
std::vector<double> stratum_of(const TextExample& example) {
  if (example.label) return {*example.label};
  if (!example.labels) return {};
  const std::set<int32_t> labels(example.labels->begin(), example.labels->end());
  return {labels.begin(), labels.end()};
}

/// Units that are alike stand side by side: those of one class, and scores by size. Among these the order is random.
void arrange(std::vector<Indices>& units, const std::vector<TextExample>& examples, const TaskInfo& task,
             std::size_t part_count, SplitMix& random) {
  shuffle(units, random);
  if (task.kind == TaskKind::kGeneration) return;
  std::stable_sort(units.begin(), units.end(), [&](const Indices& a, const Indices& b) {
    return stratum_of(examples[a.front()]) < stratum_of(examples[b.front()]);
  });
  if (task.kind != TaskKind::kRegression) return;
  // Otherwise the first part would have the least score of each run of neighbours.
  for (std::size_t begin = 0; begin < units.size(); begin += part_count) {
    const std::size_t end = std::min(units.size(), begin + part_count);
    for (std::size_t i = end; i > begin + 1; --i) std::swap(units[i - 1], units[begin + random.below(i - begin)]);
  }
}

std::size_t size_of_part(std::size_t units, const TaskConfig& config) {
  if (config.folds) return units / static_cast<std::size_t>(*config.folds);
  const double share = std::round(*config.validation_split * static_cast<double>(units));
  return std::clamp<std::size_t>(static_cast<std::size_t>(share), 1, std::max<std::size_t>(units, 2) - 1);
}

void check_part(std::size_t size, std::size_t units, const TaskInfo& task, const TaskConfig& config) {
  const std::string key = config.folds ? "task.folds: " : "task.validation_split: ";
  if (config.folds && (!config.fold || *config.fold > *config.folds))
    throw DataError(cat("task.fold: is none of the ", *config.folds, " folds"));
  const std::string part = config.folds ? cat("each of the ", *config.folds, " folds of ") : "the part of ";
  if (units < 2 || size == 0) throw DataError(cat(key, part, units, " examples would have none"));
  if (task.kind == TaskKind::kClassification && size < task.labels.size())
    throw DataError(
        cat(key, part, units, " examples would have ", size, ", and there are ", task.labels.size(), " classes"));
}

void note_rare_classes(const std::vector<TextExample>& examples, const TaskInfo& task, const TaskConfig& config,
                       Notes& notes) {
  if (!config.folds || task.kind != TaskKind::kClassification) return;
  std::vector<int64_t> counts(task.labels.size(), 0);
  for (const TextExample& example : examples) ++counts[static_cast<std::size_t>(*example.label)];
  std::vector<std::string> rare;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0 && counts[i] < *config.folds) rare.push_back(cat(task.labels[i], " (", counts[i], ")"));
  }
  if (!rare.empty())
    notes.push_back(cat("classes with fewer examples than the ", *config.folds,
                        " folds, which not every fold has: ", join(rare, ", ")));
}

}  // namespace

bool has_holdout(const TaskConfig& config) { return config.validation_split || config.folds; }

std::string file_split(const TaskConfig& config, const std::string& split) {
  return split == "dev" && has_holdout(config) ? "train" : split;
}

std::vector<bool> held_out(const std::vector<TextExample>& examples, const TaskInfo& task, const TaskConfig& config,
                           Notes& notes) {
  std::vector<Indices> units = units_of(examples, task);
  const std::size_t count = units.size(), size = size_of_part(count, config);
  check_part(size, count, task, config);
  note_rare_classes(examples, task, config, notes);
  SplitMix random(static_cast<uint64_t>(config.split_seed));
  const std::size_t parts = config.folds ? static_cast<std::size_t>(*config.folds) : count / size;
  arrange(units, examples, task, parts, random);
  std::vector<bool> held(examples.size(), false);
  const std::size_t start = config.folds ? 0 : random.below(count);
  for (std::size_t place = 0; place < count; ++place) {
    // The part of a share lies evenly over the places: `size` of them, from a random start.
    const bool chosen = config.folds ? place % parts == static_cast<std::size_t>(*config.fold - 1)
                                     : (place * size + start) % count < size;
    if (!chosen) continue;
    for (const std::size_t i : units[place]) held[i] = true;
  }
  return held;
}

std::vector<TextExample> take_part(std::vector<TextExample> examples, const std::vector<bool>& held,
                                   const std::string& split) {
  std::vector<TextExample> part;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    if (held[i] == (split == "dev")) part.push_back(std::move(examples[i]));
  }
  return part;
}

}  // namespace hiddenkey
