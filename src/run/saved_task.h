#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "data/dataset.h"
#include "data/task_config.h"

namespace hiddenkey {

/// hiddenkey.json beside an adapter or a full model: what it was trained for, which adapter_config.json has no place
/// for.
struct SavedTask {
  TaskConfig config;  ///< columns and labels; no paths
  TaskInfo info;
  int64_t max_length = 0;
  std::string base;                 ///< path of the pretrained model
  std::string base_checksum;        ///< of its weights
  nlohmann::ordered_json training;  ///< dropout, consistency and metrics, for people
};

/// hiddenkey.json in a folder.
std::filesystem::path saved_task_file(const std::filesystem::path& folder);

void write_saved_task(const std::filesystem::path& folder, const SavedTask& task);

/// Nothing where the folder has no hiddenkey.json; ModelError where it is malformed.
std::optional<SavedTask> read_saved_task(const std::filesystem::path& folder);

/// SHA-256 over the ids and labels of a split.
std::string dataset_checksum(const Dataset& dataset);

}  // namespace hiddenkey
