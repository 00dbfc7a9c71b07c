#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "score/baseline.h"
#include "score/entity_tally.h"
#include "score/label_tally.h"

/// What one looks at to see where a classifier errs, as scikit-learn's and seqeval's classification_report have it.
namespace hiddenkey {

struct ReportRow {
  std::string name;  ///< a class, a label, a type of entity, or an average: "micro", "macro", "weighted"
  double precision = 0, recall = 0, f1 = 0;
  double support = 0;  ///< how often it is real
};

struct ClassReport {
  std::vector<ReportRow> rows;      ///< one a class, in the task's order; of entities the types that occur
  std::vector<ReportRow> averages;  ///< over those that occur, and over all labels where an example has several
  Baseline baseline;
  /// Of each class how many of its examples were taken for which class, where that was ever so; empty where an example
  /// has several labels, and of entities.
  std::vector<std::map<std::size_t, int64_t>> confusion;
};

/// Of examples with one class each, by their numbers.
ClassReport class_report(const std::vector<std::string>& names, const std::vector<int>& predictions,
                         const std::vector<int>& labels);

/// Of examples with any number of labels each.
ClassReport label_report(const std::vector<std::string>& names, const LabelMatrix& predictions,
                         const LabelMatrix& labels);

/// Of sequences of tags.
ClassReport entity_report(const std::vector<std::string>& tags, const std::vector<std::vector<int>>& predictions,
                          const std::vector<std::vector<int>>& labels);

}  // namespace hiddenkey
