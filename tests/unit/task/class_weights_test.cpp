#include <gtest/gtest.h>

#include "core/error.h"
#include "task/class_balance.h"
#include "task/task.h"

namespace hiddenkey {
namespace {

// A few roundings of float64, in another order of the sums.
constexpr double kExact = 1e-14;
const std::vector<double> kWeights = {0.5, 2.0, 1.25};
const std::vector<int64_t> kLabels = {0, 2, 2, 1, 0, 0};

Objective weighted(double label_smoothing) {
  Objective objective;
  objective.label_smoothing = label_smoothing;
  objective.class_weights = kWeights;
  objective.class_weights_C = at::tensor(kWeights, at::kDouble);
  return objective;
}

std::unique_ptr<Task> task_of(TaskKind kind) {
  TaskInfo info;
  info.kind = kind;
  info.labels = {"a", "b", "c"};
  return make_task(info);
}

TEST(ClassLoss, OverMicroBatchesIsTorchsWeightedMeanOfTheWholeStep) {
  const at::Tensor logits_PC = at::randn({6, 3}, at::kDouble), labels_P = at::tensor(kLabels, at::kLong);
  for (const double smoothing : {0.0, 0.1}) {
    Objective objective = weighted(smoothing);
    objective.mean_weight = (3 * 0.5 + 2.0 + 2 * 1.25) / 6;
    double sum = 0;
    for (const auto& [first, last] : {std::pair(0, 4), std::pair(4, 6)}) {
      const at::Tensor part = class_loss(logits_PC.slice(0, first, last), labels_P.slice(0, first, last), objective);
      sum += part.item<double>() * (last - first) / 6;
    }
    const at::Tensor whole =
        at::cross_entropy_loss(logits_PC, labels_P, objective.class_weights_C, at::Reduction::Mean, -100, smoothing);
    EXPECT_NEAR(sum, whole.item<double>(), kExact);
  }
}

TEST(ClassLoss, OfAStepInWhichNoLabelCountsIsZero) {
  Objective objective = weighted(0);
  objective.class_weights_C = at::tensor({0.0, 1.0, 1.0}, at::kDouble);
  objective.mean_weight = 0;
  const at::Tensor loss = class_loss(at::randn({2, 3}, at::kDouble), at::zeros({2}, at::kLong), objective);
  EXPECT_EQ(loss.item<double>(), 0);
}

TEST(ClassLoss, WeighsTheLabelsAndNotTheConsistency) {
  Objective objective = weighted(0);
  objective.consistency.loss = ConsistencyLoss::kKl;
  const at::Tensor one_PC = at::randn({6, 3}, at::kDouble), two_PC = at::randn({6, 3}, at::kDouble);
  DeviceBatch batch;
  batch.labels_P = at::tensor(kLabels, at::kLong);
  const Pass one{at::Tensor(), one_PC}, two{at::Tensor(), two_PC};
  for (const TaskKind kind : {TaskKind::kClassification, TaskKind::kTokens}) {
    const Losses with = task_of(kind)->losses(Head(), one, &two, batch, objective);
    Objective plain = objective;
    plain.class_weights_C = at::Tensor();
    const Losses without = task_of(kind)->losses(Head(), one, &two, batch, plain);
    EXPECT_EQ(with.consistency.item<double>(), without.consistency.item<double>());
    EXPECT_NE(with.ce.item<double>(), without.ce.item<double>());
  }
}

TEST(MultiLabelLoss, TakesClassWeightsForTorchsPositiveWeights) {
  const at::Tensor logits_PC = at::randn({4, 3}, at::kDouble), targets_PC = at::randint(2, {4, 3}).to(at::kDouble);
  DeviceBatch batch;
  batch.labels_P = targets_PC;
  const Losses losses =
      task_of(TaskKind::kMultiLabel)->losses(Head(), {at::Tensor(), logits_PC}, nullptr, batch, weighted(0));
  const at::Tensor expected =
      at::binary_cross_entropy_with_logits(logits_PC, targets_PC, {}, at::tensor(kWeights, at::kDouble));
  EXPECT_EQ(losses.ce.item<double>(), expected.item<double>());
}

TEST(BalancedWeights, AreScikitLearns) {
  // compute_class_weight("balanced", classes=[0, 1, 2], y=[0] * 6 + [1] * 3 + [2]) of scikit-learn 1.9.1.
  const std::vector<double> expected = {0.5555555555555556, 1.1111111111111112, 3.3333333333333335};
  EXPECT_EQ(balanced({"a", "b", "c"}, {6, 3, 1}), expected);
}

TEST(BalancedWeights, OfLabelsThatApplyOrNotAreNegativesAPositive) {
  EXPECT_EQ(balanced_positives({"a", "b"}, {2, 8}, 10), (std::vector<double>{4, 0.25}));
}

TEST(BalancedWeights, ALabelWithoutAnExampleIsNamed) {
  try {
    balanced({"a", "b"}, {3, 0});
    FAIL() << "expected an error";
  } catch (const DataError& error) {
    EXPECT_NE(std::string(error.what()).find("\"b\""), std::string::npos);
  }
  EXPECT_THROW(balanced_positives({"a", "b"}, {3, 0}, 3), DataError);
}

TEST(BalancedWeights, OfTaggedWordsCountThoseThatAreRead) {
  const std::unique_ptr<Task> task = task_of(TaskKind::kTokens);
  Dataset train;
  TokenExample& example = train.examples.emplace_back();
  example.word_places = {1, 2, -1, 3, 4};
  example.labels = {0, 0, 1, 1, 2};
  EXPECT_EQ(task->balanced_weights(train), (std::vector<double>{4.0 / 6, 4.0 / 3, 4.0 / 3}));
  EXPECT_EQ(task->weight_of(example, kWeights), 0.5 + 0.5 + 2.0 + 1.25);
}

TEST(BalancedWeights, ARegressionHasNone) {
  EXPECT_THROW(task_of(TaskKind::kRegression)->balanced_weights({}), ConfigError);
}

}  // namespace
}  // namespace hiddenkey
