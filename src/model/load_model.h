#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "model/model_files.h"
#include "model/network.h"
#include "model/weight_names.h"

namespace hiddenkey {

/// A pretrained model on its device.
struct Model {
  HubConfig hub;
  WeightNames names;
  Network network;
  std::vector<std::string> initialised;  ///< head modules that the checkpoint lacks
  at::ScalarType stored = at::kFloat;    ///< the type of most numbers in the files
};

/// Reads a model with the head that the task wants, and ends the files' hold on its weights. What is random in it comes
/// from `seed`. ModelError where a reader of its files finds a fault.
std::unique_ptr<Model> load_model(const ModelFiles& files, const TaskInfo& task, at::ScalarType type, uint64_t seed,
                                  at::Device device);

}  // namespace hiddenkey
