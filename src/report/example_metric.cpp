#include "report/example_metric.h"

#include "data/task.h"
#include "report/statistics.h"
#include "report/swaps.h"
#include "score/class_ranking.h"
#include "score/glue_metrics.h"
#include "score/text_metric.h"

namespace hiddenkey {
namespace {

using Path = std::filesystem::path;
using Names = std::vector<std::string>;

/// Of each example how many runs are right here less how many are there.
std::vector<int64_t> right_differences(const PairedRuns& runs) {
  std::vector<int64_t> differences(runs.examples, 0);
  for (const RunPair& pair : runs.pairs) {
    for (std::size_t i = 0; i < pair.here->labels.size(); ++i) {
      const double label = pair.here->labels[i];
      differences[pair.first + i] +=
          (pair.here->answers[i] == label ? 1 : 0) - (pair.there->answers[i] == label ? 1 : 0);
    }
  }
  return differences;
}

/// Scores that a ranking puts into order are written with seven digits, so that some of them may be the same.
constexpr double kRankingTolerance = 1e-4;

class OfTexts : public ExampleMetric {
 public:
  explicit OfTexts(TextMetric metric) : metric_(std::move(metric)) {}
  RunPredictions read(const Path& run) const override { return read_texts(run); }
  double of(const RunPredictions& run) const override {
    return metric_(run.segments).over(all_segments(run.segments.size()));
  }
  double p(const PairedRuns& runs) const override { return two_sided_p(swap_texts(runs, metric_)); }

 private:
  TextMetric metric_;
};

class OfScores : public ExampleMetric {
 public:
  explicit OfScores(std::string name) : name_(std::move(name)) {}
  RunPredictions read(const Path& run) const override { return read_predictions(run, {}); }
  double of(const RunPredictions& run) const override { return score_metric(name_, run.answers, run.labels); }
  double p(const PairedRuns& runs) const override {
    return two_sided_p(name_ == "spearman" ? swap_ranks(runs) : swap_scores(runs, name_));
  }

 private:
  std::string name_;
};

class OfClasses : public ExampleMetric {
 public:
  OfClasses(std::string name, Names labels) : name_(std::move(name)), labels_(std::move(labels)) {}
  RunPredictions read(const Path& run) const override { return read_predictions(run, labels_); }
  double of(const RunPredictions& run) const override {
    const std::vector<int> answers(run.answers.begin(), run.answers.end());
    return class_metric(name_, ClassTally(answers, {run.labels.begin(), run.labels.end()}), labels_.size());
  }
  double p(const PairedRuns& runs) const override {
    if (name_ == "accuracy") return sign_flip_p(right_differences(runs));
    return two_sided_p(swap_classes(runs, name_, labels_.size()));
  }

 private:
  std::string name_;
  Names labels_;
};

class OfClassScores : public ExampleMetric {
 public:
  OfClassScores(std::string name, Names labels) : name_(std::move(name)), labels_(std::move(labels)) {}
  RunPredictions read(const Path& run) const override { return read_class_scores(run, labels_); }
  double of(const RunPredictions& run) const override {
    return class_ranking(name_, run.scores, {run.labels.begin(), run.labels.end()});
  }
  double p(const PairedRuns& runs) const override {
    return two_sided_p(swap_class_rankings(runs, name_, labels_.size()));
  }
  double tolerance() const override { return kRankingTolerance; }

 private:
  std::string name_;
  Names labels_;
};

class OfLabelSets : public ExampleMetric {
 public:
  OfLabelSets(std::string name, Names labels) : name_(std::move(name)), labels_(std::move(labels)) {}
  RunPredictions read(const Path& run) const override { return read_label_sets(run, labels_); }
  double of(const RunPredictions& run) const override {
    return label_metric(name_, LabelTally(run.predicted_sets, run.real_sets));
  }
  double p(const PairedRuns& runs) const override { return two_sided_p(swap_label_sets(runs, name_)); }

 private:
  std::string name_;
  Names labels_;
};

class OfLabelScores : public ExampleMetric {
 public:
  OfLabelScores(std::string name, Names labels) : name_(std::move(name)), labels_(std::move(labels)) {}
  RunPredictions read(const Path& run) const override { return read_label_sets(run, labels_); }
  double of(const RunPredictions& run) const override { return label_ranking(name_, run.scores, run.real_sets); }
  double p(const PairedRuns& runs) const override {
    return two_sided_p(swap_label_rankings(runs, name_, labels_.size()));
  }
  double tolerance() const override { return kRankingTolerance; }

 private:
  std::string name_;
  Names labels_;
};

class OfTags : public ExampleMetric {
 public:
  OfTags(std::string name, Names labels) : name_(std::move(name)), labels_(std::move(labels)), tags_(labels_) {}
  RunPredictions read(const Path& run) const override { return read_tags(run, labels_); }
  double of(const RunPredictions& run) const override {
    EntityTally tally(tags_);
    for (std::size_t i = 0; i < run.real_tags.size(); ++i) tally.add(tags_, run.predicted_tags[i], run.real_tags[i]);
    return entity_metric(name_, tally);
  }
  double p(const PairedRuns& runs) const override { return two_sided_p(swap_tags(runs, tags_, name_)); }

 private:
  std::string name_;
  Names labels_;
  EntityTags tags_;
};

std::unique_ptr<ExampleMetric> metric_of_classes(const std::string& name, const Names& labels) {
  if (is_class_ranking(name)) return std::make_unique<OfClassScores>(name, labels);
  return is_class_metric(name) ? std::make_unique<OfClasses>(name, labels) : nullptr;
}

std::unique_ptr<ExampleMetric> metric_of_labels(const std::string& name, const Names& labels) {
  if (is_label_ranking(name)) return std::make_unique<OfLabelScores>(name, labels);
  return is_label_metric(name) ? std::make_unique<OfLabelSets>(name, labels) : nullptr;
}

std::unique_ptr<ExampleMetric> metric_of_texts(const std::string& name, const std::string& task) {
  TextMetric metric = text_metric(task, name);
  return metric ? std::make_unique<OfTexts>(std::move(metric)) : nullptr;
}

}  // namespace

std::unique_ptr<ExampleMetric> example_metric(const std::string& name, const std::string& task, const Names& labels) {
  switch (kind_of_task(task, labels)) {
    case TaskKind::kClassification:
      return metric_of_classes(name, labels);
    case TaskKind::kMultiLabel:
      return metric_of_labels(name, labels);
    case TaskKind::kTokens:
      return is_entity_metric(name) ? std::make_unique<OfTags>(name, labels) : nullptr;
    case TaskKind::kRegression:
      return is_score_metric(name) ? std::make_unique<OfScores>(name) : nullptr;
    case TaskKind::kGeneration:
      return metric_of_texts(name, task);
  }
  return nullptr;
}

}  // namespace hiddenkey
