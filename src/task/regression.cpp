#include <algorithm>
#include <cstdio>

#include "io/send.h"
#include "score/glue_metrics.h"
#include "task/kinds.h"
#include "task/text_task.h"

namespace hiddenkey {
namespace {

/// The leaderboard's only regression has scores within 0 and 5.
std::string glue_score(float score) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", std::clamp(static_cast<double>(score), 0.0, 5.0));
  return text;
}

class Regression : public TextTask {
 public:
  using TextTask::TextTask;

  /// Scores have no distribution: the consistency loss compares the representations that the head reads.
  Losses losses(const Head& /*head*/, const Pass& one, const Pass* two, const DeviceBatch& batch,
                const Objective& objective) const override {
    const auto supervised = [&](const at::Tensor& logits_PC) {
      return at::mse_loss(logits_PC.squeeze(-1), batch.labels_P);
    };
    return losses_of_logits(one, two, objective, supervised, [&](const Pass& first, const Pass& second) {
      return softmax_divergence(first.picked_PD, second.picked_PD, objective);
    });
  }

  std::optional<LabelForm> predicts() const override { return LabelForm::kNumber; }
  PredictionTable predictions(const Dataset& dataset, const Logits& logits) const override {
    PredictionTable table{LabelForm::kNumber, {}, {}};
    for (std::size_t i = 0; i < logits.size(); ++i) {
      const TokenExample& example = dataset.examples[i];
      const float score = logits[i].front();
      std::vector<std::string> truth;
      if (example.label) truth.push_back(shortest(*example.label));
      table.rows.push_back({example.id, truth, {shortest(score)}, {}, logits[i], glue_score(score)});
    }
    return table;
  }

 protected:
  void add_labels(const PackedBatch& packed, DeviceBatch& batch) const override {
    const at::Device device = batch.ids_N.device();
    if (!packed.labels.empty()) batch.labels_P = send(at::tensor(packed.labels, at::kDouble).to(at::kFloat), device);
  }

  Measures measure(const Dataset& dataset, const Logits& logits) const override {
    const std::vector<double> labels = labels_of(dataset);
    if (labels.empty()) return {};
    double sum = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) sum += (logits[i][0] - labels[i]) * (logits[i][0] - labels[i]);
    return measures_of(info, sum / static_cast<double>(labels.size()),
                       [&](const std::vector<std::string>& names) { return compute_metrics(names, logits, labels); });
  }
};

}  // namespace

std::unique_ptr<Task> make_regression(TaskInfo info) { return std::make_unique<Regression>(std::move(info)); }

}  // namespace hiddenkey
