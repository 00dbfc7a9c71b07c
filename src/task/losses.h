#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <vector>

#include "dropout/dropout_config.h"

/// P rows that the head reads, D model, C outputs of the head.
namespace hiddenkey {

/// What one pass of a batch gives the losses.
struct Pass {
  at::Tensor picked_PD;  ///< what the head reads, or what enters its last layer where logits_PC is left to the loss
  at::Tensor logits_PC;  ///< undefined for a language model, whose loss never holds all logits at once
};

/// Scalars on the device, means over what a task counts: examples, or labelled tokens. A gradient comes from `total`.
/// For a language model the others carry none.
struct Losses {
  at::Tensor total;
  at::Tensor ce;           ///< cross-entropy, or squared error for regression
  at::Tensor consistency;  ///< undefined without a consistency loss
};

/// How a loss is computed. All but `mean_weight` is fixed for a run.
struct Objective {
  double label_smoothing = 0;
  ConsistencyConfig consistency;
  bool activation_checkpointing = false;
  std::vector<double> class_weights = {};  ///< one an output of the head; empty: all count alike
  at::Tensor class_weights_C = {};         ///< the same on the device, float32; undefined where they are empty
  double mean_weight = 1;                  ///< over the labels of the whole step (see Task::weight_of)
};

/// Cross-entropy of int64 classes, a mean over the rows. With class weights a row counts as much as its label: torch's
/// weighted mean, divided by the weights of the whole step and not of the batch, so that the mean over the
/// micro-batches is that of one large batch.
at::Tensor class_loss(const at::Tensor& logits_PC, const at::Tensor& labels_P, const Objective& objective);

/// A supervised loss of logits, and a divergence between two passes of a batch.
using SupervisedLoss = std::function<at::Tensor(const at::Tensor& logits_PC)>;
using Divergence = std::function<at::Tensor(const Pass& one, const Pass& two)>;

/// The losses of tasks that hold all logits. `two` is null for one pass; where consistency.backward is `one` its
/// tensors carry no gradient.
Losses losses_of_logits(const Pass& one, const Pass* two, const Objective& objective, const SupervisedLoss& supervised,
                        const Divergence& divergence);

/// The losses of logits whose labels are int64 classes: class_loss, and the divergence of their softmax.
Losses class_losses(const Pass& one, const Pass* two, const at::Tensor& labels_P, const Objective& objective);

/// The objective's divergence between the softmax of two tensors [P,V], at least in float32.
at::Tensor softmax_divergence(const at::Tensor& one_PV, const at::Tensor& two_PV, const Objective& objective);

}  // namespace hiddenkey
