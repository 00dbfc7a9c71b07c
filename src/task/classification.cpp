#include <algorithm>

#include "data/class_counts.h"
#include "io/send.h"
#include "score/class_ranking.h"
#include "score/glue_metrics.h"
#include "task/class_balance.h"
#include "task/kinds.h"
#include "task/text_task.h"

namespace hiddenkey {
namespace {

class Classification : public TextTask {
 public:
  using TextTask::TextTask;

  Losses losses(const Head& /*head*/, const Pass& one, const Pass* two, const DeviceBatch& batch,
                const Objective& objective) const override {
    return class_losses(one, two, batch.labels_P, objective);
  }

  std::optional<LabelForm> predicts() const override { return LabelForm::kName; }
  PredictionTable predictions(const Dataset& dataset, const Logits& logits) const override {
    PredictionTable table{LabelForm::kName, info.labels, {}};
    for (std::size_t i = 0; i < logits.size(); ++i) {
      const TokenExample& example = dataset.examples[i];
      const auto top = std::max_element(logits[i].begin(), logits[i].end()) - logits[i].begin();
      const std::string& label = info.labels[static_cast<std::size_t>(top)];
      std::vector<std::string> truth;
      if (example.label) truth.push_back(info.labels[static_cast<std::size_t>(*example.label)]);
      table.rows.push_back({example.id, truth, {label}, probabilities(logits[i]), logits[i], label});
    }
    return table;
  }

  std::vector<double> balanced_weights(const Dataset& train) const override {
    return balanced(info.labels, count_labels(info, train));
  }
  double weight_of(const TokenExample& example, const std::vector<double>& class_weights) const override {
    return class_weights[static_cast<std::size_t>(*example.label)];
  }

  std::optional<Baseline> baseline(const Dataset& dataset) const override {
    const std::vector<double> labels = labels_of(dataset);
    if (labels.empty()) return std::nullopt;
    return class_baseline(info.labels, {labels.begin(), labels.end()});
  }

  std::optional<ClassReport> report(const Dataset& dataset, const Logits& logits) const override {
    const std::vector<double> labels = labels_of(dataset);
    if (labels.empty()) return std::nullopt;
    std::vector<int> predictions;
    for (const std::vector<float>& row : logits)
      predictions.push_back(static_cast<int>(std::max_element(row.begin(), row.end()) - row.begin()));
    return class_report(info.labels, predictions, {labels.begin(), labels.end()});
  }

 protected:
  void add_labels(const PackedBatch& packed, DeviceBatch& batch) const override {
    const at::Device device = batch.ids_N.device();
    if (!packed.labels.empty())
      batch.labels_P = send(std::vector<int64_t>(packed.labels.begin(), packed.labels.end()), device);
  }

  /// In float64 over all examples, so that the loss does not depend on the batches.
  Measures measure(const Dataset& dataset, const Logits& logits) const override {
    const std::vector<double> labels = labels_of(dataset);
    if (labels.empty()) return {};
    double sum = 0;
    for (std::size_t i = 0; i < labels.size(); ++i)
      sum += negative_log_likelihood(logits[i].data(), static_cast<int64_t>(logits[i].size()),
                                     static_cast<int64_t>(labels[i]));
    return measures_of(info, sum / static_cast<double>(labels.size()),
                       [&](const std::vector<std::string>& names) { return compute_metrics(names, logits, labels); });
  }
};

}  // namespace

std::unique_ptr<Task> make_classification(TaskInfo info) { return std::make_unique<Classification>(std::move(info)); }

}  // namespace hiddenkey
