#include "report/swaps.h"

namespace hiddenkey {
namespace {

/// The labels of one example, by both runs.
struct LabelSets {
  std::size_t example = 0;  ///< among all
  const std::vector<uint8_t>*here, *there, *real;
};

/// The tallies of a pair of runs, and what a swap moves between them.
struct LabelPair {
  LabelTally here, there;
  std::vector<LabelSets> differing;
};

LabelPair label_pair(const RunPair& pair) {
  const RunPredictions &here = *pair.here, &there = *pair.there;
  LabelPair made{
      LabelTally(here.predicted_sets, here.real_sets), LabelTally(there.predicted_sets, there.real_sets), {}};
  for (std::size_t row = 0; row < here.real_sets.size(); ++row) {
    if (here.predicted_sets[row] != there.predicted_sets[row])
      made.differing.push_back(
          {pair.first + row, &here.predicted_sets[row], &there.predicted_sets[row], &here.real_sets[row]});
  }
  return made;
}

double label_difference(const LabelPair& pair, const std::vector<uint8_t>& swapped, const std::string& metric) {
  LabelTally here = pair.here, there = pair.there;
  for (const LabelSets& sets : pair.differing) {
    if (swapped[sets.example] == 0) continue;
    here.add(*sets.here, *sets.real, -1);
    here.add(*sets.there, *sets.real);
    there.add(*sets.there, *sets.real, -1);
    there.add(*sets.here, *sets.real);
  }
  return label_metric(metric, here) - label_metric(metric, there);
}

/// What one example's tags count here and there.
struct TagSwap {
  std::size_t example = 0;  ///< among all
  EntityTally here, there;
};

struct TagPair {
  EntityTally here, there;
  std::vector<TagSwap> differing;
};

TagPair tag_pair(const RunPair& pair, const EntityTags& tags) {
  TagPair made{EntityTally(tags), EntityTally(tags), {}};
  for (std::size_t row = 0; row < pair.here->real_tags.size(); ++row) {
    TagSwap one{pair.first + row, EntityTally(tags), EntityTally(tags)};
    one.here.add(tags, pair.here->predicted_tags[row], pair.here->real_tags[row]);
    one.there.add(tags, pair.there->predicted_tags[row], pair.there->real_tags[row]);
    made.here += one.here;
    made.there += one.there;
    if (pair.here->predicted_tags[row] != pair.there->predicted_tags[row]) made.differing.push_back(std::move(one));
  }
  return made;
}

double tag_difference(const TagPair& pair, const std::vector<uint8_t>& swapped, const std::string& metric) {
  EntityTally here = pair.here, there = pair.there;
  for (const TagSwap& one : pair.differing) {
    if (swapped[one.example] == 0) continue;
    here -= one.here;
    here += one.there;
    there -= one.there;
    there += one.here;
  }
  return entity_metric(metric, here) - entity_metric(metric, there);
}

}  // namespace

Swaps swap_label_sets(const PairedRuns& runs, const std::string& metric) {
  std::vector<LabelPair> pairs;
  for (const RunPair& pair : runs.pairs) pairs.push_back(label_pair(pair));
  return swap_each(runs.examples, [&](const std::vector<uint8_t>& swapped) {
    double sum = 0;
    for (const LabelPair& pair : pairs) sum += label_difference(pair, swapped, metric);
    return sum / static_cast<double>(pairs.size());
  });
}

Swaps swap_tags(const PairedRuns& runs, const EntityTags& tags, const std::string& metric) {
  std::vector<TagPair> pairs;
  for (const RunPair& pair : runs.pairs) pairs.push_back(tag_pair(pair, tags));
  return swap_each(runs.examples, [&](const std::vector<uint8_t>& swapped) {
    double sum = 0;
    for (const TagPair& pair : pairs) sum += tag_difference(pair, swapped, metric);
    return sum / static_cast<double>(pairs.size());
  });
}

}  // namespace hiddenkey
