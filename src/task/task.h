#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/batch.h"
#include "data/dataset.h"
#include "model/network.h"
#include "score/class_report.h"
#include "task/evaluation.h"
#include "task/losses.h"
#include "task/predictions.h"

/// B sequences, P rows that the head reads, D model, C outputs of the head.
namespace hiddenkey {

/// A kind of task: all that differs between kinds once the examples are read as text. Each kind is a file of this
/// folder.
class Task {
 public:
  explicit Task(TaskInfo task_info) : info(std::move(task_info)) {}
  virtual ~Task() = default;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;

  TaskInfo info;  ///< its labels become known with the training file, where the config does not name them

  /// Examples to ids, on all cores; the result does not depend on how many. Errors as the kind's reader has them.
  virtual Dataset tokenize(const std::vector<TextExample>& examples, const Tokenizer& tokenizer, int64_t max_length,
                           const std::string& split) const = 0;

  /// Adds to a batch on its device which rows the head reads and, where the split has labels, what they are compared
  /// with. Nothing waits for the device.
  virtual void add_targets(const PackedBatch& packed, const Architecture& architecture, DeviceBatch& batch) const = 0;

  /// What is said of training examples that tokenize has left out, behind their number.
  virtual std::string why_left_out(int64_t max_length) const;

  /// How many rows the head reads of each sequence of a batch.
  virtual std::vector<int64_t> rows_read(const PackedBatch& packed) const;

  /// What the losses need of one pass, whose `picked_PD` are the rows that the head reads.
  virtual Pass read_head(const Head& head, const at::Tensor& picked_PD, const DropoutScope& scope) const;

  /// The losses of one pass, or of two where `two` is not null (see losses_of_logits).
  virtual Losses losses(const Head& head, const Pass& one, const Pass* two, const DeviceBatch& batch,
                        const Objective& objective) const = 0;

  /// Runs a split with dropout off. StoppedError as the watch says.
  virtual Evaluation evaluate(const Network& network, const Dataset& dataset, const EvaluationOptions& options) const;

  /// What a model predicts for each example. ConfigError for a kind that predicts nothing.
  virtual PredictionTable predictions(const Dataset& dataset, const Logits& logits) const = 0;
  /// What such a prediction is; nothing for a kind that predicts nothing.
  virtual std::optional<LabelForm> predicts() const = 0;

  /// The class weights of training.class_weights: auto. DataError names a class without an example; ConfigError for a
  /// kind without classes.
  virtual std::vector<double> balanced_weights(const Dataset& train) const;
  /// What an example counts in a weighted mean: the sum of the class weights of its labels; for a loss that is divided
  /// by no weights, how often it counts anyway.
  virtual double weight_of(const TokenExample& example, const std::vector<double>& class_weights) const;

  /// What always giving one answer is worth on a split; nothing for a kind without classes, or without labels.
  virtual std::optional<Baseline> baseline(const Dataset& dataset) const;
  /// What one looks at to see where the model errs; likewise.
  virtual std::optional<ClassReport> report(const Dataset& dataset, const Logits& logits) const;

 protected:
  /// Loss and metrics of a split's logits; no metric where it has no labels.
  virtual Measures measure(const Dataset& dataset, const Logits& logits) const = 0;
};

/// The kind that the task is of.
std::unique_ptr<Task> make_task(TaskInfo info);

/// The batch on the device; its copies do not wait for it.
DeviceBatch to_device(const PackedBatch& packed, const Task& task, const Architecture& architecture, at::Device device);

}  // namespace hiddenkey
