#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "data/batch.h"
#include "data/dataset.h"
#include "model/network.h"

namespace hiddenkey {

/// What a model says of a split. Loss and metrics are there where the split has labels.
struct Evaluation {
  std::string split;
  std::vector<std::vector<float>> logits;  ///< in the dataset's order
  double loss = 0;                         ///< CE, or mean squared error; no smoothing
  std::vector<std::pair<std::string, double>> metrics;
  bool complete = true;  ///< false where `stopped` said so

  /// The value of a metric; NaN where there is none of that name.
  double metric(const std::string& name) const;
};

/// What the caller of an evaluation is asked before each batch and told after it. Each may be empty.
struct EvaluationHooks {
  std::function<void(int64_t examples)> progress;  ///< how many are done
  std::function<bool()> stopped;                   ///< true ends the evaluation
};

/// Runs the split with dropout off.
Evaluation evaluate(const Network& network, const TaskInfo& task, const Dataset& dataset, int64_t batch_size,
                    at::Device device, const EvaluationHooks& hooks);

}  // namespace hiddenkey
