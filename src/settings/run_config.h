#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "adapter/lora_config.h"
#include "config/value.h"
#include "data/task_config.h"
#include "dropout/dropout_config.h"
#include "generate/search_settings.h"
#include "settings/class_weights.h"

namespace hiddenkey {

class Tokenizer;
struct Architecture;
struct DropoutPlan;

enum class Method { kLora, kFull };
enum class BaseType { kAuto, kFloat32, kBFloat16 };
enum class MatmulPrecision { kFloat32, kTf32 };
enum class ScheduleKind { kLinear, kCosine, kConstant };

struct ModelConfig {
  std::string path;
  BaseType dtype = BaseType::kAuto;
};

struct TrainingConfig {
  double epochs = 3;
  std::optional<int64_t> max_steps;  ///< optimizer steps; takes precedence over epochs
  int64_t batch_size = 32;
  int64_t gradient_accumulation = 1;
  int64_t max_length = 128;
  double learning_rate = 4e-4;
  ScheduleKind schedule = ScheduleKind::kLinear;
  double warmup_ratio = 0.06;
  std::optional<int64_t> warmup_steps;  ///< takes precedence over warmup_ratio
  double weight_decay = 0.1;
  std::vector<double> betas = {0.9, 0.999};
  double epsilon = 1e-8;
  double max_grad_norm = 1.0;  ///< 0 turns clipping off
  double label_smoothing = 0.0;
  std::optional<ClassWeights> class_weights;
  int64_t seed = 42;
  int64_t limit = 0;  ///< examples, from the beginning of the training file; 0: all
  bool length_grouping = true;
  bool activation_checkpointing = false;
  std::string device = "auto";  ///< auto cpu cuda cuda:N
  MatmulPrecision matmul = MatmulPrecision::kFloat32;
};

/// "epoch", "never", or a number of optimizer steps.
struct Interval {
  enum class Kind { kEpoch, kNever, kSteps };
  Kind kind = Kind::kEpoch;
  int64_t steps = 0;
};

/// "end", "never", or a number of epochs.
struct EpochInterval {
  enum class Kind { kEnd, kNever, kEpochs };
  Kind kind = Kind::kEnd;
  int64_t epochs = 0;
};

/// How text is made when a generation task is measured; of other tasks it has no meaning and is refused.
struct GenerationConfig {
  EpochInterval every;
  int64_t limit = 0;  ///< prompts of a split, from its beginning; 0: all
  int64_t batch_size = 16;
  SearchSettings search;    ///< its members are keys of this section
  std::string meteor_data;  ///< METEOR's table of paraphrases; empty: METEOR does without
};

struct EvaluationConfig {
  Interval every;
  std::string metric = "auto";
  bool keep_best = true;
  int64_t patience = 0;  ///< evaluations without a better metric before stopping; 0 never stops
  int64_t batch_size = 64;
  int64_t limit = 0;  ///< examples of a split, from its beginning; 0: all
};
struct CheckpointConfig {
  Interval every;
  int64_t keep = 2;
};
struct LoggingConfig {
  int64_t every = 10;
  bool tensorboard = true;
};

struct RunConfig {
  ModelConfig model;
  TaskConfig task;
  Method method = Method::kLora;
  LoraConfig lora;
  DropoutConfig dropout;
  ConsistencyConfig consistency;
  TrainingConfig training;
  EvaluationConfig evaluation;
  GenerationConfig generation;
  CheckpointConfig checkpoint;
  LoggingConfig logging;
  std::string output_dir;
};

/// Reads and checks a config without loading anything; adds every problem that it finds, keys that have no effect as
/// warnings. Rates and the consistency loss that a scheme implies are filled in.
RunConfig load_run_config(const std::filesystem::path& path, const std::vector<std::string>& overrides,
                          Problems& problems);

/// The same for a config that must be right: ConfigError with the first error, and how many more there are. The
/// warnings are logged.
RunConfig require_run_config(const std::filesystem::path& path, const std::vector<std::string>& overrides);

/// The config that a run has saved. Whether another run could be made of it is not asked.
RunConfig load_saved_config(const std::filesystem::path& path);

/// Puts overrides on top of a config that is used for evaluation alone: what only training needs is not asked for.
/// ConfigError with the first problem.
void override_config(RunConfig& config, const std::vector<std::string>& overrides);

/// Puts the family's usual names in the place of lora.target_modules: auto.
void choose_targets(LoraConfig& config, const Architecture& architecture);

/// Lowers training.max_length to the tokenizer's model_max_length, with a warning, as Transformers' examples do.
void limit_length(const Tokenizer& tokenizer, RunConfig& config);

/// The dropout plan of a config for a model.
DropoutPlan plan_for(const RunConfig& config, const Architecture& architecture);

/// As a config file with every key that has a part in the run, with absolute paths, so that a run can be repeated from
/// anywhere. What the scheme decides is left to it, with a comment.
std::string to_yaml(RunConfig config);

/// The JSON Schema of a config file, and every dotted key.
std::string run_config_schema();

/// Writes the schema where schema_modeline says that an editor finds it. A cache folder that cannot be written is no
/// reason to stop a run.
void write_schema_file();
/// The line that names that file at the top of a config; "" where there is no place for it.
std::string schema_modeline();
std::vector<std::string> run_config_keys();

}  // namespace hiddenkey
