#pragma once

#include <string>
#include <vector>

#include "score/entities.h"
#include "score/hit_counts.h"
#include "score/metric_values.h"

namespace hiddenkey {

/// All that the metrics of tagged words take from predictions. An entity is right where its type and its first and last
/// word are. Each member is a sum over the sequences.
struct EntityTally {
  explicit EntityTally(const EntityTags& tags) : of(tags.types().size()) {}

  /// Counts a sequence of predicted tags and the real ones, which are as many.
  void add(const EntityTags& tags, const std::vector<int>& predicted, const std::vector<int>& real);
  /// Adds or takes away what another tally has counted.
  EntityTally& operator+=(const EntityTally& other);
  EntityTally& operator-=(const EntityTally& other);

  std::vector<HitCounts> of;          ///< entities, one entry a type
  double right_words = 0, words = 0;  ///< words, and those among them whose tag is right

 private:
  void add_times(const EntityTally& other, double times);
};

/// precision, recall, f1 (over all entities, as seqeval's micro average), accuracy (of words) and the averages of
/// averaged_metric_names over the types that occur.
std::vector<std::string> entity_metric_names();
bool is_entity_metric(const std::string& name);
/// Equal to seqeval's default mode. A macro average is NaN where there is no entity.
double entity_metric(const std::string& name, const EntityTally& tally);
MetricValues entity_metrics(const std::vector<std::string>& names, const EntityTally& tally);

}  // namespace hiddenkey
