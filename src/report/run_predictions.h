#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "score/label_tally.h"
#include "score/metric.h"

namespace hiddenkey {

/// What a run said of each example of its dev split.
struct RunPredictions {
  std::vector<std::string> examples;    ///< what each is known by: id and label, of a text id, prompt and references
  std::vector<double> labels, answers;  ///< numbers of classes, or scores; otherwise empty
  std::vector<Segment> segments;        ///< of texts
  /// One an output, where the metric puts them into order: of labels their probabilities, of classes their odds, which
  /// are in the same order.
  std::vector<std::vector<double>> scores;
  LabelMatrix real_sets, predicted_sets;                    ///< of examples with any number of labels
  std::vector<std::vector<int>> real_tags, predicted_tags;  ///< of tagged words, those that were read
};

/// The predictions that the folder of a finished run keeps, which are those of its best (or last) weights. `labels`
/// name the classes in the order of their numbers; where there are none, predictions are scores. IoError or DataError
/// where the file is missing or damaged.
RunPredictions read_predictions(const std::filesystem::path& run, const std::vector<std::string>& labels);
/// The same with the scores of classes.
RunPredictions read_class_scores(const std::filesystem::path& run, const std::vector<std::string>& labels);
/// The predictions, with their scores, of examples with any number of labels; DataError too where a label's name has a
/// comma, which parts the labels there.
RunPredictions read_label_sets(const std::filesystem::path& run, const std::vector<std::string>& labels);
/// The predictions of tagged words. An example is what stands under one id.
RunPredictions read_tags(const std::filesystem::path& run, const std::vector<std::string>& labels);
/// The last texts that it has generated.
RunPredictions read_texts(const std::filesystem::path& run);

/// Two runs that have answered the same examples.
struct RunPair {
  std::shared_ptr<const RunPredictions> here, there;
  std::size_t first = 0;  ///< the number of their first example among all
};

/// The runs of two cells, by seed and fold. Pairs have the same examples, or others altogether.
struct PairedRuns {
  std::vector<RunPair> pairs;
  std::size_t examples = 0;
};

}  // namespace hiddenkey
