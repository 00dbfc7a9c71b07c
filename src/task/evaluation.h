#pragma once

#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "core/watch.h"
#include "data/batch.h"
#include "data/dataset.h"
#include "model/network.h"
#include "score/metric_values.h"

namespace hiddenkey {

class Task;

/// What a head says of each example, in a dataset's order: the outputs of each row that it reads there, one row behind
/// the other.
using Logits = std::vector<std::vector<float>>;

/// The task's own metrics and the others of its kind, whose values `values_of` gives for all their names at once, in
/// that order.
Measures measures_of(const TaskInfo& task, double loss,
                     const std::function<MetricValues(const std::vector<std::string>& names)>& values_of);

/// What a model says of a split. Loss and metrics are there where the split has labels.
struct Evaluation : Measures {
  std::string split;
  Logits logits;  ///< empty for a language model

  /// The value of any metric, or the loss; NaN where there is none of that name.
  double metric(const std::string& name) const;
};

/// How a split goes through the model.
struct EvaluationOptions {
  int64_t batch_size = 64;  ///< sequences
  at::Device device = at::kCPU;
  Watch watch;  ///< counts examples
};

/// Calls `visit` with the batches of a dataset, the longest examples first. StoppedError as the watch says.
void for_each_batch(const Dataset& dataset, const EvaluationOptions& options,
                    const std::function<void(const std::vector<int64_t>& indices)>& visit);

/// The head's logits with dropout off.
Logits read_logits(const Network& network, const Task& task, const Dataset& dataset, const EvaluationOptions& options);

/// -log softmax(logits)[label], in float64.
double negative_log_likelihood(const float* logits, int64_t classes, int64_t label);

/// The labels of a split whose examples all have one, in its order; otherwise none.
std::vector<double> labels_of(const Dataset& dataset);

}  // namespace hiddenkey
