#pragma once

#include "data/batch.h"
#include "data/dataset.h"
#include "model/network.h"

namespace hiddenkey {

/// The batch on the device; its copies do not wait for it. Labels are int64 classes, or float32 scores for regression.
/// The picked rows are each sequence's first, or its last that is no padding where the model is causal; in generation
/// those that are labelled, with int64 tokens.
DeviceBatch to_device(const PackedBatch& batch, TaskKind kind, const Architecture& architecture, at::Device device);

}  // namespace hiddenkey
