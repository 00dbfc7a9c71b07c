#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace hiddenkey {

/// What the command line says about a trained model, where its own files do not.
struct LoadRequest {
  std::filesystem::path path;  ///< a run or a checkpoint of it, an adapter, or a model folder with a head
  std::string model;           ///< another place of the base
  std::string task;            ///< name of the task
  std::vector<std::string> text_columns;
  std::vector<std::string> labels;     ///< in the order of the outputs
  std::vector<std::string> overrides;  ///< key=value of the config
  bool any_base = false;               ///< take a base whose weights differ from those trained on
};

}  // namespace hiddenkey
