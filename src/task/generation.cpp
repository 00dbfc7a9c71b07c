#include <ATen/core/grad_mode.h>

#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "data/generation_tokens.h"
#include "io/send.h"
#include "nn/token_loss.h"
#include "task/kinds.h"

namespace hiddenkey {
namespace {

class GenerationTask : public Task {
 public:
  using Task::Task;

  Dataset tokenize(const std::vector<TextExample>& examples, const Tokenizer& tokenizer, int64_t max_length,
                   const std::string& split) const override {
    return tokenize_generation(examples, tokenizer, info.name, max_length, split);
  }

  void add_targets(const PackedBatch& packed, const Architecture& /*architecture*/, DeviceBatch& batch) const override {
    const at::Device device = batch.ids_N.device();
    batch.layout.picked_P = send(packed.labelled, device);
    batch.labels_P = send(packed.targets, device);
  }

  /// The logits are left to the loss, which never holds them all.
  Pass read_head(const Head& head, const at::Tensor& picked_PD, const DropoutScope& scope) const override {
    return {head.enter(picked_PD, scope), at::Tensor()};
  }

  Losses losses(const Head& head, const Pass& one, const Pass* two, const DeviceBatch& batch,
                const Objective& objective) const override {
    const ConsistencyConfig& config = objective.consistency;
    const ConsistencyLoss kind = config.loss.value_or(ConsistencyLoss::kNone);
    const TokenLosses losses =
        token_losses(one.picked_PD, two == nullptr ? at::Tensor() : two->picked_PD, head.classifier, batch.labels_P,
                     {objective.label_smoothing, kind, config.weight, config.backward});
    return {losses.total, losses.ce, losses.consistency};
  }

  /// Loss and perplexity a labelled token. The sums stay on the device until the end: a batch never waits for the one
  /// before.
  Evaluation evaluate(const Network& network, const Dataset& dataset, const EvaluationOptions& options) const override {
    const at::NoGradGuard guard;
    at::Tensor sum = at::zeros({}, at::TensorOptions(at::kDouble).device(options.device));
    int64_t tokens = 0;
    for_each_batch(dataset, options, [&](const std::vector<int64_t>& indices) {
      const PackedBatch packed = pack(dataset, indices);
      const DeviceBatch batch = to_device(packed, *this, network.architecture(), options.device);
      sum += token_negative_log_likelihood(network.representations(batch), network.head.classifier, batch.labels_P);
      tokens += packed.loss_units();
    });
    const double loss = sum.item<double>() / static_cast<double>(tokens);
    return {{loss, {{"perplexity", std::exp(loss)}}}, dataset.split, {}};
  }

  std::optional<LabelForm> predicts() const override { return std::nullopt; }
  PredictionTable predictions(const Dataset& /*dataset*/, const Logits& /*logits*/) const override {
    throw ConfigError(cat("the task ", info.name, " generates text and predicts no labels; take `hiddenkey generate`"));
  }

 protected:
  /// Its evaluation holds no logits.
  Measures measure(const Dataset& /*dataset*/, const Logits& /*logits*/) const override { return {}; }
};

}  // namespace

std::unique_ptr<Task> make_generation(TaskInfo info) { return std::make_unique<GenerationTask>(std::move(info)); }

}  // namespace hiddenkey
