#include <cmath>

#include "data/class_counts.h"
#include "io/send.h"
#include "score/label_tally.h"
#include "task/class_balance.h"
#include "task/kinds.h"
#include "task/text_task.h"

namespace hiddenkey {
namespace {

double sigmoid(double logit) { return 1.0 / (1.0 + std::exp(-logit)); }

/// -log of the probability that the logit gives to what is so, in float64.
double binary_loss(double logit, bool applies) {
  const double toward = applies ? logit : -logit;
  return std::max(-toward, 0.0) + std::log1p(std::exp(-std::abs(toward)));
}

/// Each logit as the two logits of a label that applies or not: [P,C] -> [P*C,2], whose softmax is the label's own
/// distribution.
at::Tensor two_outcomes(const at::Tensor& logits_PC) {
  const at::Tensor logits_L = logits_PC.flatten();
  return at::stack({logits_L, at::zeros_like(logits_L)}, 1);
}

class MultiLabel : public TextTask {
 public:
  using TextTask::TextTask;

  /// Binary cross-entropy and the divergence of each label's own distribution, both means over examples and labels.
  /// Class weights are torch's pos_weight: how much an example with the label counts beside one without it.
  /// Label smoothing moves a target by half of its share towards the other outcome.
  Losses losses(const Head& /*head*/, const Pass& one, const Pass* two, const DeviceBatch& batch,
                const Objective& objective) const override {
    const double smoothing = objective.label_smoothing;
    const at::Tensor targets_PC = smoothing > 0 ? batch.labels_P * (1 - smoothing) + smoothing / 2 : batch.labels_P;
    const auto supervised = [&](const at::Tensor& logits_PC) {
      const at::ScalarType type = logits_PC.scalar_type();
      std::optional<at::Tensor> positive_weights_C;
      if (objective.class_weights_C.defined()) positive_weights_C = objective.class_weights_C.to(type);
      return at::binary_cross_entropy_with_logits(logits_PC, targets_PC.to(type), {}, positive_weights_C);
    };
    return losses_of_logits(one, two, objective, supervised, [&](const Pass& first, const Pass& second) {
      return softmax_divergence(two_outcomes(first.logits_PC), two_outcomes(second.logits_PC), objective);
    });
  }

  std::optional<LabelForm> predicts() const override { return LabelForm::kNames; }
  PredictionTable predictions(const Dataset& dataset, const Logits& logits) const override {
    PredictionTable table{LabelForm::kNames, info.labels, {}};
    for (std::size_t i = 0; i < logits.size(); ++i) {
      const TokenExample& example = dataset.examples[i];
      PredictionRow row{example.id, {}, {}, {}, logits[i], ""};
      for (const int32_t label : example.labels.value_or(std::vector<int32_t>()))
        row.truth.push_back(info.labels[static_cast<std::size_t>(label)]);
      for (std::size_t label = 0; label < logits[i].size(); ++label) {
        row.scores.push_back(sigmoid(logits[i][label]));
        if (logits[i][label] > 0) row.prediction.push_back(info.labels[label]);
      }
      table.rows.push_back(std::move(row));
    }
    return table;
  }

  std::vector<double> balanced_weights(const Dataset& train) const override {
    return balanced_positives(info.labels, count_labels(info, train), static_cast<int64_t>(train.examples.size()));
  }

  std::optional<Baseline> baseline(const Dataset& dataset) const override {
    const LabelMatrix labels = matrix_of(dataset);
    return labels.empty() ? std::nullopt : std::make_optional(label_baseline(info.labels, labels));
  }
  std::optional<ClassReport> report(const Dataset& dataset, const Logits& logits) const override {
    const LabelMatrix labels = matrix_of(dataset);
    if (labels.empty()) return std::nullopt;
    return label_report(info.labels, predicted_labels(logits), labels);
  }

 protected:
  void add_labels(const PackedBatch& packed, DeviceBatch& batch) const override {
    const at::Device device = batch.ids_N.device();
    if (packed.label_sets.empty()) return;
    const auto sequences = static_cast<int64_t>(packed.label_sets.size());
    const at::Tensor targets_PC = at::zeros({sequences, info.num_outputs()}, at::kFloat);
    auto target = targets_PC.accessor<float, 2>();
    for (std::size_t b = 0; b < packed.label_sets.size(); ++b) {
      for (const int32_t label : packed.label_sets[b]) target[static_cast<int64_t>(b)][label] = 1;
    }
    batch.labels_P = send(targets_PC, device);
  }

  Measures measure(const Dataset& dataset, const Logits& logits) const override {
    const LabelMatrix labels = matrix_of(dataset);
    if (labels.empty()) return {};
    double sum = 0;
    for (std::size_t i = 0; i < logits.size(); ++i) {
      for (std::size_t label = 0; label < info.labels.size(); ++label)
        sum += binary_loss(logits[i][label], labels[i][label] != 0);
    }
    return measures_of(info, sum / static_cast<double>(labels.size() * info.labels.size()),
                       [&](const std::vector<std::string>& names) { return label_metrics(names, logits, labels); });
  }

 private:
  /// What applies to each example; empty where the split has no labels.
  LabelMatrix matrix_of(const Dataset& dataset) const {
    LabelMatrix labels;
    for (const TokenExample& example : dataset.examples) {
      if (!example.labels) return {};
      std::vector<uint8_t>& row = labels.emplace_back(info.labels.size(), uint8_t{0});
      for (const int32_t label : *example.labels) row[static_cast<std::size_t>(label)] = 1;
    }
    return labels;
  }
};

}  // namespace

std::unique_ptr<Task> make_multi_label(TaskInfo info) { return std::make_unique<MultiLabel>(std::move(info)); }

}  // namespace hiddenkey
