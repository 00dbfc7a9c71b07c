#pragma once

#include <ATen/ATen.h>

#include "data/dataset.h"
#include "dropout/dropout_config.h"
#include "dropout/plan.h"
#include "model/network.h"

namespace hiddenkey {

/// Scalars on the device, means over the examples of one micro-batch, or over its labelled tokens in generation. A
/// gradient comes from `total`; of a language model the others carry none.
struct Losses {
  at::Tensor total;
  at::Tensor ce;           ///< cross-entropy, or squared error for regression
  at::Tensor consistency;  ///< undefined without a consistency loss
};

/// How a loss is computed, fixed for a run.
struct Objective {
  TaskKind kind = TaskKind::kClassification;
  double label_smoothing = 0;
  ConsistencyConfig consistency;
  bool activation_checkpointing = false;
};

/// CE, or mean squared error for regression.
at::Tensor supervised_loss(const at::Tensor& logits_BC, const at::Tensor& labels_B, const Objective& objective);

/// The training losses of one micro-batch with the masks of `draw`: one pass, or two with a consistency term.
/// Records the tape; the caller runs backward, until when network, plan and batch have to live.
Losses training_losses(const Network& network, const DropoutPlan& plan, const Objective& objective,
                       const DeviceBatch& batch, const Draw& draw);

}  // namespace hiddenkey
