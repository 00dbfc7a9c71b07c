#pragma once

#include "data/batch.h"
#include "data/dataset.h"
#include "model/network.h"

namespace hiddenkey {

/// The batch on the device; its copies do not wait for it. Labels are int64 classes, or float32 scores for regression.
DeviceBatch to_device(const PackedBatch& batch, TaskKind kind, at::Device device);

}  // namespace hiddenkey
