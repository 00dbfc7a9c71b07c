#pragma once

#include "dropout/plan.h"
#include "model/network.h"
#include "task/losses.h"
#include "task/task.h"

namespace hiddenkey {

/// The training losses of one micro-batch with the masks of `draw`: one pass, or two with a consistency term.
/// Records the tape; the caller runs backward, until when network, plan and batch have to live.
Losses training_losses(const Task& task, const Network& network, const DropoutPlan& plan, const Objective& objective,
                       const DeviceBatch& batch, const Draw& draw);

}  // namespace hiddenkey
