#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "generate/search_settings.h"
#include "settings/load_request.h"

namespace hiddenkey {

struct CommonOptions;

struct TrainOptions {
  std::string config;
  std::vector<std::string> overrides;
  bool resume = false, overwrite = false, dry_run = false;
  std::optional<double> pause_at;  ///< share of the steps
};

struct EvalOptions {
  LoadRequest request;
  std::string split = "dev";
  std::string predictions;
  bool no_text = false;
};

struct PredictOptions {
  LoadRequest request;
  std::string input, output, format;
  bool glue = false;
};

struct GenerateOptions {
  LoadRequest request;
  std::string input = "-", output = "-", format;
  std::vector<std::string> prompts;
  SearchSettings search;
  std::vector<std::string> stop;
  int64_t batch_size = 16;
};

struct MergeOptions {
  LoadRequest request;
  std::string output;
  std::string dtype;  ///< empty: the base's
};

struct InspectOptions {
  std::string path;
  std::string tokenize;
  std::vector<std::string> overrides;
};

/// The work of the commands that need LibTorch, which takes a third of a second to load. Each gives the exit code. The
/// program that people start has none of it: it hands these commands over to the one that does (main.cpp).
struct TensorCommands {
  std::function<int(const TrainOptions&, const CommonOptions&)> train;
  std::function<int(const EvalOptions&, const CommonOptions&)> eval;
  std::function<int(const PredictOptions&, const CommonOptions&)> predict;
  std::function<int(const GenerateOptions&, const CommonOptions&)> generate;
  std::function<int(const MergeOptions&, const CommonOptions&)> merge;
  std::function<int(const InspectOptions&, const CommonOptions&)> inspect;
};

}  // namespace hiddenkey
