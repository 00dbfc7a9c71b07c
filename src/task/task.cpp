#include "task/task.h"

#include "core/error.h"
#include "core/text.h"
#include "io/send.h"
#include "task/kinds.h"

namespace hiddenkey {

std::string Task::why_left_out(int64_t max_length) const {
  return cat("are longer than ", max_length, " tokens and were left out: a text is never cut");
}

std::vector<int64_t> Task::rows_read(const PackedBatch& packed) const {
  return std::vector<int64_t>(static_cast<std::size_t>(packed.sequences()), 1);
}

Pass Task::read_head(const Head& head, const at::Tensor& picked_PD, const DropoutScope& scope) const {
  return {picked_PD, head.forward(picked_PD, scope)};
}

Evaluation Task::evaluate(const Network& network, const Dataset& dataset, const EvaluationOptions& options) const {
  Logits logits = read_logits(network, *this, dataset, options);
  return {measure(dataset, logits), dataset.split, std::move(logits)};
}

std::vector<double> Task::balanced_weights(const Dataset& /*train*/) const {
  throw ConfigError(cat("training.class_weights: the task ", info.name, " has no classes to weigh"));
}

double Task::weight_of(const TokenExample& /*example*/, const std::vector<double>& /*class_weights*/) const {
  return 1;
}

std::optional<Baseline> Task::baseline(const Dataset& /*dataset*/) const { return std::nullopt; }

std::optional<ClassReport> Task::report(const Dataset& /*dataset*/, const Logits& /*logits*/) const {
  return std::nullopt;
}

std::unique_ptr<Task> make_task(TaskInfo info) {
  switch (info.kind) {
    case TaskKind::kClassification:
      return make_classification(std::move(info));
    case TaskKind::kMultiLabel:
      return make_multi_label(std::move(info));
    case TaskKind::kTokens:
      return make_token_classification(std::move(info));
    case TaskKind::kRegression:
      return make_regression(std::move(info));
    case TaskKind::kGeneration:
      return make_generation(std::move(info));
  }
  throw Error(ErrorKind::kBug, "a task is of no kind");
}

DeviceBatch to_device(const PackedBatch& packed, const Task& task, const Architecture& architecture,
                      at::Device device) {
  DeviceBatch batch;
  batch.ids_N = send(packed.ids, device);
  batch.type_ids_N = send(packed.type_ids, device);
  batch.layout = make_layout(packed.offsets, device);
  task.add_targets(packed, architecture, batch);
  return batch;
}

}  // namespace hiddenkey
