#include "train/run_identity.h"

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

constexpr const char* kBaseConfig = "base config.json";
constexpr const char* kTokenizer = "tokenizer";
constexpr const char* kTrainingData = "training data";
constexpr const char* kEvaluationData = "evaluation data";
constexpr const char* kConfigField = "config";

std::string sum_of(const FolderFiles& files, const std::vector<std::string>& names) {
  std::string sums;
  for (const std::string& name : names) sums += name + " " + files.sha256(name) + "\n";
  return sha256_of_bytes(sums);
}

std::string evaluation_sum(const Job& job) {
  std::string sums;
  for (const Dataset& dataset : job.evaluation) sums += dataset.split + " " + dataset_checksum(dataset) + "\n";
  for (const GenerationItem& item : job.prompts) {
    sums += item.prompt + "\n";
    for (const std::string& reference : item.references) sums += "  " + reference + "\n";
  }
  return sha256_of_bytes(sums);
}

}  // namespace

std::string comparable_config(RunConfig config) {
  const RunConfig defaults{};
  config.logging = defaults.logging;
  config.checkpoint = defaults.checkpoint;
  config.training.device = defaults.training.device;
  for (std::string* path : {&config.output_dir, &config.model.path, &config.task.data_dir, &config.task.train,
                            &config.task.validation, &config.task.test}) {
    path->clear();
  }
  return to_yaml(config);
}

RunIdentity identify(const RunConfig& config, const Job& job, const ModelFiles& base, const std::string& weights) {
  RunIdentity identity = {{kBaseWeights, weights},
                          {kTrainingData, dataset_checksum(job.train)},
                          {kEvaluationData, evaluation_sum(job)},
                          {kConfigField, sha256_of_bytes(comparable_config(config))}};
  const FolderFiles& files = base.small();
  if (!files.has("config.json")) return identity;  // one file holds it all
  identity[kBaseConfig] = sum_of(files, {"config.json"});
  identity[kTokenizer] = sum_of(files, tokenizer_file_names(base.path()));
  return identity;
}

void check_identity(const FoundCheckpoint& checkpoint, const RunIdentity& now) {
  for (const auto& [name, sum] : now) {
    const auto saved = checkpoint.state.identity.find(name);
    if (saved != checkpoint.state.identity.end() && saved->second == sum) continue;
    const bool of_base = name == kBaseWeights || name == kBaseConfig || name == kTokenizer;
    const bool several = name.ends_with("data") || name == kBaseWeights;
    const std::string message = cat(checkpoint.path.string(), ": was made with ", several ? "other " : "another ", name,
                                    "; --overwrite starts the run anew");
    if (of_base) throw ModelError(message);
    throw ConfigError(message);
  }
}

}  // namespace hiddenkey
