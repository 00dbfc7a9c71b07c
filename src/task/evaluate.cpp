#include "task/evaluate.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "nn/token_loss.h"
#include "score/glue_metrics.h"
#include "task/device_batch.h"

namespace hiddenkey {
namespace {

/// In float64 over all examples, so that it does not depend on the batches.
double mean_loss(const TaskInfo& task, const std::vector<std::vector<float>>& logits,
                 const std::vector<double>& labels) {
  double sum = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (task.kind == TaskKind::kRegression) {
      sum += (logits[i][0] - labels[i]) * (logits[i][0] - labels[i]);
      continue;
    }
    const double top = *std::max_element(logits[i].begin(), logits[i].end());
    double total = 0;
    for (const float logit : logits[i]) total += std::exp(logit - top);
    sum += top + std::log(total) - logits[i][static_cast<std::size_t>(labels[i])];
  }
  return sum / static_cast<double>(labels.size());
}

/// Whether all batches were visited.
bool for_each_batch(const Dataset& dataset, int64_t batch_size, const EvaluationHooks& hooks,
                    const std::function<void(const std::vector<int64_t>&)>& visit) {
  int64_t done = 0;
  for (const std::vector<int64_t>& indices : evaluation_batches(dataset, batch_size)) {
    if (hooks.stopped && hooks.stopped()) return false;
    visit(indices);
    done += static_cast<int64_t>(indices.size());
    if (hooks.progress) hooks.progress(done);
  }
  return true;
}

/// Loss and perplexity a labelled token. The sums stay on the device until the end: a batch never waits for the one
/// before.
Evaluation evaluate_language(const Network& network, const Dataset& dataset, int64_t batch_size, at::Device device,
                             const EvaluationHooks& hooks) {
  Evaluation result;
  result.split = dataset.split;
  at::Tensor sum = at::zeros({}, at::TensorOptions(at::kDouble).device(device));
  int64_t tokens = 0;
  result.complete = for_each_batch(dataset, batch_size, hooks, [&](const std::vector<int64_t>& indices) {
    const PackedBatch packed = pack(dataset, indices);
    const DeviceBatch batch = to_device(packed, TaskKind::kGeneration, network.architecture(), device);
    const at::Tensor x_PD = network.representations(batch);
    sum += token_negative_log_likelihood(x_PD, network.head.classifier, batch.labels_B);
    tokens += packed.loss_units();
  });
  if (!result.complete) return result;
  result.loss = sum.item<double>() / static_cast<double>(tokens);
  result.metrics = {{"perplexity", std::exp(result.loss)}};
  return result;
}

}  // namespace

double Evaluation::metric(const std::string& name) const {
  for (const auto& [known, value] : metrics) {
    if (known == name) return value;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

Evaluation evaluate(const Network& network, const TaskInfo& task, const Dataset& dataset, int64_t batch_size,
                    at::Device device, const EvaluationHooks& hooks) {
  const at::NoGradGuard guard;
  if (task.kind == TaskKind::kGeneration) return evaluate_language(network, dataset, batch_size, device, hooks);
  Evaluation result;
  result.split = dataset.split;
  result.logits.resize(dataset.examples.size());
  // The logits stay on the device until the end: a batch never waits for the one before.
  std::vector<std::pair<std::vector<int64_t>, at::Tensor>> parts;
  result.complete = for_each_batch(dataset, batch_size, hooks, [&](const std::vector<int64_t>& indices) {
    parts.emplace_back(indices,
                       network.evaluate(to_device(pack(dataset, indices), task.kind, network.architecture(), device)));
  });
  if (!result.complete) return result;
  for (const auto& [indices, logits_BC] : parts) {
    const at::Tensor host = logits_BC.to(at::kCPU, at::kFloat).contiguous();
    const float* data = host.const_data_ptr<float>();
    const int64_t width = host.size(1);
    for (std::size_t i = 0; i < indices.size(); ++i) {
      const float* row = data + static_cast<int64_t>(i) * width;
      result.logits[static_cast<std::size_t>(indices[i])].assign(row, row + width);
    }
  }
  std::vector<double> labels;
  for (const TokenExample& example : dataset.examples) {
    if (example.label) labels.push_back(*example.label);
  }
  if (!labels.empty() && labels.size() == dataset.examples.size()) {
    result.loss = mean_loss(task, result.logits, labels);
    result.metrics = compute_metrics(task, result.logits, labels);
  }
  return result;
}

}  // namespace hiddenkey
