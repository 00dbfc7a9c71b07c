#include "task/losses.h"

#include <gtest/gtest.h>

#include <cmath>

#include "task/task.h"

namespace hiddenkey {
namespace {

/// The losses of logits in float64. The head has no part in them where a task holds all logits.
Losses losses_of(TaskKind kind, const at::Tensor& one_PC, const at::Tensor& two_PC, const at::Tensor& labels_P,
                 const Objective& objective) {
  TaskInfo info;
  info.kind = kind;
  info.labels.resize(static_cast<std::size_t>(one_PC.size(1)));
  DeviceBatch batch;
  batch.labels_P = labels_P;
  const Pass one{at::Tensor(), one_PC}, two{at::Tensor(), two_PC};
  return make_task(info)->losses(Head(), one, two_PC.defined() ? &two : nullptr, batch, objective);
}

Objective objective_of(ConsistencyLoss loss, ConsistencyBackward backward = ConsistencyBackward::kOne) {
  Objective objective;
  objective.consistency.loss = loss;
  objective.consistency.weight = 0.7;
  objective.consistency.backward = backward;
  return objective;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

const at::Tensor kOne = at::tensor({0.3, -1.2, 2.0, 0.0, -0.5, 1.1}, at::kDouble).view({2, 3});
const at::Tensor kTwo = at::tensor({-0.4, 0.8, 1.5, 0.2, -2.5, 0.9}, at::kDouble).view({2, 3});
const at::Tensor kTargets = at::tensor({1.0, 0.0, 1.0, 0.0, 0.0, 0.0}, at::kDouble).view({2, 3});
constexpr double kExact = 1e-14;  // a few roundings of float64

/// The mean over examples and labels of what `term` makes of two probabilities of one label.
template <class Term>
double mean_over_labels(const Term& term) {
  double sum = 0;
  for (int64_t i = 0; i < kOne.numel(); ++i)
    sum += term(sigmoid(kOne.flatten()[i].item<double>()), sigmoid(kTwo.flatten()[i].item<double>()));
  return sum / static_cast<double>(kOne.numel());
}

double kl(double p, double q) { return p * std::log(p / q) + (1 - p) * std::log((1 - p) / (1 - q)); }

TEST(MultiLabelLosses, AreTheMeanBinaryCrossEntropy) {
  const Losses losses = losses_of(TaskKind::kMultiLabel, kOne, {}, kTargets, {});
  double sum = 0;
  for (int64_t i = 0; i < kOne.numel(); ++i) {
    const double p = sigmoid(kOne.flatten()[i].item<double>()), y = kTargets.flatten()[i].item<double>();
    sum -= y * std::log(p) + (1 - y) * std::log(1 - p);
  }
  EXPECT_NEAR(losses.total.item<double>(), sum / 6, kExact);
  EXPECT_FALSE(losses.consistency.defined());
}

TEST(MultiLabelLosses, SmoothALabelTowardsItsOtherOutcome) {
  Objective objective;
  objective.label_smoothing = 0.2;
  const Losses smoothed = losses_of(TaskKind::kMultiLabel, kOne, {}, kTargets, objective);
  const Losses expected = losses_of(TaskKind::kMultiLabel, kOne, {}, kTargets * 0.8 + 0.1, {});
  EXPECT_NEAR(smoothed.ce.item<double>(), expected.ce.item<double>(), kExact);
}

TEST(MultiLabelLosses, CompareEachLabelsOwnDistribution) {
  const Losses by_kl = losses_of(TaskKind::kMultiLabel, kOne, kTwo, kTargets, objective_of(ConsistencyLoss::kKl));
  EXPECT_NEAR(by_kl.consistency.item<double>(),
              mean_over_labels([](double p, double q) { return (kl(p, q) + kl(q, p)) / 2; }), kExact);
  const Losses by_js = losses_of(TaskKind::kMultiLabel, kOne, kTwo, kTargets, objective_of(ConsistencyLoss::kJs));
  EXPECT_NEAR(by_js.consistency.item<double>(), mean_over_labels([](double p, double q) {
                const double m = (p + q) / 2;
                return (kl(p, m) + kl(q, m)) / 2;
              }),
              kExact);
  EXPECT_NEAR(by_js.total.item<double>(), by_js.ce.item<double>() + 0.7 * by_js.consistency.item<double>(), kExact);
}

TEST(MultiLabelLosses, OfBothBranchesAreTheirMean) {
  const Losses both = losses_of(TaskKind::kMultiLabel, kOne, kTwo, kTargets,
                                objective_of(ConsistencyLoss::kKl, ConsistencyBackward::kBoth));
  const double one = losses_of(TaskKind::kMultiLabel, kOne, {}, kTargets, {}).ce.item<double>();
  const double two = losses_of(TaskKind::kMultiLabel, kTwo, {}, kTargets, {}).ce.item<double>();
  EXPECT_NEAR(both.ce.item<double>(), (one + two) / 2, kExact);
}

TEST(TokenClassificationLosses, AreMeansOverTheLabelledWords) {
  const at::Tensor tags_P = at::tensor({2, 0}, at::kLong);
  const Losses losses = losses_of(TaskKind::kTokens, kOne, kTwo, tags_P, objective_of(ConsistencyLoss::kKl));
  double ce = 0, divergence = 0;
  for (int64_t row = 0; row < 2; ++row) {
    const at::Tensor p_C = kOne[row].softmax(0), q_C = kTwo[row].softmax(0);
    ce -= p_C[tags_P[row].item<int64_t>()].log().item<double>();
    divergence += ((p_C - q_C) * (p_C.log() - q_C.log())).sum().item<double>() / 2;
  }
  EXPECT_NEAR(losses.ce.item<double>(), ce / 2, kExact);
  EXPECT_NEAR(losses.consistency.item<double>(), divergence / 2, kExact);
}

}  // namespace
}  // namespace hiddenkey
