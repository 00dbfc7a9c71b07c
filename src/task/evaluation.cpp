#include "task/evaluation.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "task/task.h"

namespace hiddenkey {
namespace {

/// The logits [P,C] of a batch, dealt out to its examples.
void deal_out(const at::Tensor& logits_PC, const std::vector<int64_t>& indices, const std::vector<int64_t>& rows,
              Logits& logits) {
  const at::Tensor host = logits_PC.to(at::kCPU, at::kFloat).contiguous();
  const float* row = host.const_data_ptr<float>();
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const int64_t numbers = rows[i] * host.size(1);
    logits[static_cast<std::size_t>(indices[i])].assign(row, row + numbers);
    row += numbers;
  }
}

struct BatchLogits {
  std::vector<int64_t> indices, rows;
  at::Tensor logits_PC;
};

}  // namespace

Measures measures_of(const TaskInfo& task, double loss,
                     const std::function<MetricValues(const std::vector<std::string>&)>& values_of) {
  std::vector<std::string> names = task.metrics;
  names.insert(names.end(), task.more_metrics.begin(), task.more_metrics.end());
  const MetricValues values = values_of(names);
  const auto more = values.begin() + static_cast<std::ptrdiff_t>(task.metrics.size());
  return {loss, {values.begin(), more}, {more, values.end()}};
}

double Evaluation::metric(const std::string& name) const {
  if (name == "loss") return loss;
  for (const MetricValues* values : {&metrics, &more}) {
    for (const auto& [known, value] : *values) {
      if (known == name) return value;
    }
  }
  return std::numeric_limits<double>::quiet_NaN();
}

void for_each_batch(const Dataset& dataset, const EvaluationOptions& options,
                    const std::function<void(const std::vector<int64_t>&)>& visit) {
  int64_t done = 0;
  for (const std::vector<int64_t>& indices : evaluation_batches(dataset, options.batch_size)) {
    options.watch.check();
    visit(indices);
    done += static_cast<int64_t>(indices.size());
    options.watch.report(done);
  }
}

Logits read_logits(const Network& network, const Task& task, const Dataset& dataset, const EvaluationOptions& options) {
  const at::NoGradGuard guard;
  // The logits stay on the device until the end: a batch never waits for the one before.
  std::vector<BatchLogits> parts;
  for_each_batch(dataset, options, [&](const std::vector<int64_t>& indices) {
    const PackedBatch packed = pack(dataset, indices);
    const DeviceBatch batch = to_device(packed, task, network.architecture(), options.device);
    parts.push_back({indices, task.rows_read(packed), network.evaluate(batch)});
  });
  Logits logits(dataset.examples.size());
  for (const BatchLogits& part : parts) deal_out(part.logits_PC, part.indices, part.rows, logits);
  return logits;
}

double negative_log_likelihood(const float* logits, int64_t classes, int64_t label) {
  const double top = *std::max_element(logits, logits + classes);
  double total = 0;
  for (int64_t c = 0; c < classes; ++c) total += std::exp(logits[c] - top);
  return top + std::log(total) - logits[label];
}

std::vector<double> labels_of(const Dataset& dataset) {
  std::vector<double> labels;
  for (const TokenExample& example : dataset.examples) {
    if (!example.label) return {};
    labels.push_back(*example.label);
  }
  return labels;
}

}  // namespace hiddenkey
