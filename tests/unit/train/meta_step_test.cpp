#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/library.h>

#include "adapter/inject.h"
#include "model/decoder_cache.h"
#include "support/tiny_network.h"
#include "task/training_losses.h"
#include "train/optimizer.h"

namespace hiddenkey {
namespace {

// LibTorch has the shapes of these kernels in Python alone.
at::Tensor index_select_on_meta(const at::Tensor& x, int64_t dim, const at::Tensor& index) {
  TORCH_CHECK(index.is_meta(), "an index on another device");
  std::vector<int64_t> sizes = x.sizes().vec();
  sizes[static_cast<std::size_t>(at::maybe_wrap_dim(dim, x.dim()))] = index.numel();
  return at::empty(sizes, x.options());
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> layer_norm_on_meta(const at::Tensor& x, at::SymIntArrayRef,
                                                                  const std::optional<at::Tensor>&,
                                                                  const std::optional<at::Tensor>&, double) {
  const at::Tensor moments = at::empty({x.size(0), 1}, x.options());
  return {at::empty_like(x), moments, moments};
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> layer_norm_backward_on_meta(
    const at::Tensor& grad, const at::Tensor& x, at::SymIntArrayRef, const at::Tensor&, const at::Tensor&,
    const std::optional<at::Tensor>& weight, const std::optional<at::Tensor>&, std::array<bool, 3>) {
  TORCH_CHECK(grad.is_meta() && weight->is_meta(), "a tensor on another device");
  return {at::empty_like(x), at::empty_like(*weight), at::empty_like(*weight)};
}

void fused_adamw_on_meta(at::TensorList tensors, at::TensorList grads, at::TensorList averages, at::TensorList squares,
                         at::TensorList, at::TensorList steps, double, double, double, double, double, bool, bool,
                         const std::optional<at::Tensor>&, const std::optional<at::Tensor>& found_inf) {
  for (const at::TensorList list : {tensors, grads, averages, squares, steps}) {
    for (const at::Tensor& tensor : list) TORCH_CHECK(tensor.is_meta(), "a tensor on another device");
  }
  TORCH_CHECK(found_inf->is_meta(), "a flag on another device");
}

at::Tensor& where_on_meta(const at::Tensor& condition, const at::Tensor&, const at::Tensor&, at::Tensor& out) {
  TORCH_CHECK(condition.is_meta(), "a condition on another device");
  return out;
}

TORCH_LIBRARY_IMPL(aten, Meta, library) {
  library.impl("where.self_out", where_on_meta);
  library.impl("index_select", index_select_on_meta);
  library.impl("_fused_adamw_", fused_adamw_on_meta);
  library.impl("native_layer_norm", layer_norm_on_meta);
  library.impl("native_layer_norm_backward", layer_norm_backward_on_meta);
}

PackedLayout layout(std::vector<int64_t> offsets, const Architecture& a, at::Device device) {
  PackedLayout layout = make_layout(std::move(offsets), device);
  if (a.causal) layout.picked_P = layout.first_B + (layout.length_B - 1);
  return layout;
}

DeviceBatch batch(const Architecture& a, at::Device device) {
  DeviceBatch batch;
  batch.layout = layout({0, 5, 6, 17}, a, device);
  batch.ids_N = at::randint(30, {17}, at::kLong).to(device);
  batch.type_ids_N = at::zeros({17}, at::kLong).to(device);
  batch.labels_P = at::tensor({0, 2, 1}, at::kLong).to(device);
  return batch;
}

std::unique_ptr<Task> task_of(TaskKind kind) {
  TaskInfo info;
  info.kind = kind;
  return make_task(info);
}

/// Prompts of 2, 1 and 5 tokens with what follows them.
DeviceBatch language_batch(at::Device device) {
  Dataset data;
  for (const auto& [length, prompt] : {std::pair{5, 2}, std::pair{2, 1}, std::pair{11, 5}}) {
    TokenExample example;
    for (int t = 0; t < length; ++t) example.ids.push_back((7 * t + length) % 30);
    example.type_ids.resize(example.ids.size());
    example.prompt_length = prompt;
    data.examples.push_back(example);
  }
  Architecture a = tiny("llama");
  return to_device(pack(data, std::vector<int64_t>{0, 1, 2}), *task_of(TaskKind::kGeneration), a, device);
}

DropoutPlan every_site(int64_t layers) {
  DropoutConfig config;
  config.scheme = Scheme::kCustom;
  for (const PositionRow& row : kPositionRows) config.positions[row.position].rate = 0.2;
  config.pretrained = 0.1;
  config.layers = "all";
  DropoutPlan plan = make_plan(config, layers, false);
  plan.lora = 0.1;
  return plan;
}

constexpr const char* kFamilies[] = {"bert",  "roberta",    "gpt2",       "llama",
                                     "qwen3", "modernbert", "distilbert", "electra"};

// Every tensor of a step is made on the device of the model: on the meta device a stray CPU tensor, or a value that is
// read, is an error.
// The last layer has a window of `reach`.
void step_on_meta(const std::string& family, at::ScalarType type, const Objective& objective, int64_t reach = 0) {
  const Architecture a = tiny(family);
  Network network(a, weights(a, at::kMeta, type));
  network.blocks.back().shape.reach = reach;
  LoraConfig lora;
  lora.r = 4;
  lora.dropout = 0.1;
  lora.target_modules = targets(family);
  const Trained trained = inject(network, WeightNames(a), lora, 1);
  AdamW optimizer(trained.tensors(), TrainingConfig(), {});
  const DropoutPlan plan = every_site(a.num_layers);
  const DeviceBatch data = batch(a, at::kMeta);
  const Losses losses = training_losses(*task_of(TaskKind::kClassification), network, plan, objective, data, Draw{1});
  losses.total.backward();
  EXPECT_TRUE(optimizer.step(1e-3, losses.total).is_meta());
}

TEST(MetaStep, AWholeTrainingStepTouchesNoOtherDevice) {
  for (const std::string family : kFamilies) {
    for (const ConsistencyLoss loss : {ConsistencyLoss::kNone, ConsistencyLoss::kKl, ConsistencyLoss::kJs}) {
      for (const ConsistencyPasses passes : {ConsistencyPasses::kBatched, ConsistencyPasses::kSequential}) {
        Objective objective;
        objective.consistency.loss = loss;
        objective.consistency.passes = passes;
        step_on_meta(family, at::kFloat, objective);
        step_on_meta(family, at::kBFloat16, objective);
        objective.activation_checkpointing = true;
        step_on_meta(family, at::kBFloat16, objective);
      }
    }
  }
}

TEST(MetaStep, AMeanOfAllTokensTouchesNoOtherDevice) {
  Architecture a = tiny("modernbert");
  a.pooling = Pooling::kMean;
  Network network(a, weights(a, at::kMeta, at::kFloat));
  EXPECT_TRUE(network.evaluate(batch(a, at::kMeta)).is_meta());
}

TEST(MetaStep, ASlidingWindowTouchesNoOtherDevice) {
  for (const std::string family : {"bert", "llama"}) {
    for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) step_on_meta(family, type, Objective(), 3);
  }
}

TEST(MetaStep, EvaluationAndDecodingTouchNoOtherDevice) {
  for (const std::string family : kFamilies) {
    for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
      const Architecture a = tiny(family);
      EXPECT_TRUE(Network(a, weights(a, at::kMeta, type)).evaluate(batch(a, at::kMeta)).is_meta());
      if (!a.causal) continue;
      const Architecture language = tiny(family, HeadUse::kLanguage);
      const Network network(language, weights(language, at::kMeta, type));
      DecoderCache cache(2);
      const at::NoGradGuard guard;
      EXPECT_TRUE(network.prefill(batch(language, at::kMeta), cache).is_meta());
      const at::Tensor ids_R = at::zeros({cache.rows()}, at::TensorOptions(at::kMeta).dtype(at::kLong));
      cache.reorder({1, 0, 2, 3, 4, 5});
      EXPECT_TRUE(network.decode_step(ids_R, cache).is_meta());
    }
  }
}

TEST(MetaStep, ALanguageModelsStepTouchesNoOtherDevice) {
  for (const std::string family : {"gpt2", "llama", "qwen3"}) {
    for (const ConsistencyLoss loss : {ConsistencyLoss::kNone, ConsistencyLoss::kKl, ConsistencyLoss::kJs}) {
      for (const ConsistencyBackward backward : {ConsistencyBackward::kOne, ConsistencyBackward::kBoth}) {
        const Architecture a = tiny(family, HeadUse::kLanguage);
        Network network(a, weights(a, at::kMeta, at::kFloat));
        LoraConfig lora;
        lora.target_modules = targets(family);
        const Trained trained = inject(network, WeightNames(a), lora, 1);
        Objective objective;
        objective.label_smoothing = 0.1;
        objective.consistency.loss = loss;
        objective.consistency.backward = backward;
        AdamW optimizer(trained.tensors(), TrainingConfig(), {});
        const Losses losses = training_losses(*task_of(TaskKind::kGeneration), network, every_site(a.num_layers),
                                              objective, language_batch(at::kMeta), Draw{1});
        losses.total.backward();
        EXPECT_TRUE(optimizer.step(1e-3, losses.total).is_meta());
      }
    }
  }
}

struct Fixture {
  Architecture architecture;
  Network network{architecture, weights(architecture, at::kCPU, at::kDouble)};
  Trained trained;
  DeviceBatch data = batch(architecture, at::kCPU);
  explicit Fixture(const std::string& family) : architecture(tiny(family)) {
    LoraConfig lora;
    lora.target_modules = targets(family);
    trained = inject(network, WeightNames(architecture), lora, 1);
    for (NamedTensor& named : trained.tensors()) {
      const at::NoGradGuard guard;
      if (named.name.ends_with("lora_B.weight")) named.tensor.copy_(at::randn_like(named.tensor) * 0.2);
    }
  }
  at::Tensor loss(const DropoutPlan& plan, int64_t step = 0, const ConsistencyConfig& consistency = {}) {
    Objective objective;
    objective.consistency = consistency;
    return training_losses(*task_of(TaskKind::kClassification), network, plan, objective, data, Draw{7, step}).total;
  }
};

class TrainingStep : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Families, TrainingStep,
                         testing::Values("bert", "roberta", "gpt2", "llama", "qwen3", "modernbert", "distilbert",
                                         "electra"),
                         [](const auto& family) { return family.param; });

// ELECTRA's embeddings go through a linear layer before the first block, which every pass otherwise shares.
TEST(TrainingStepOfElectra, LorasDropoutReachesTheProjectionOfTheEmbeddings) {
  const Architecture a = tiny("electra");
  Network network(a, weights(a, at::kCPU, at::kDouble));
  LoraConfig lora;
  lora.target_modules = {"embeddings_project"};
  lora.dropout = 0.3;
  Trained trained = inject(network, WeightNames(a), lora, 1);
  for (NamedTensor& named : trained.tensors()) {
    const at::NoGradGuard guard;
    if (named.name.ends_with("lora_B.weight")) named.tensor.normal_();
  }
  const DeviceBatch data = batch(a, at::kCPU);
  const auto loss = [&](double rate, int64_t step) {
    DropoutPlan plan;
    plan.layers.resize(3);
    plan.lora = rate;
    const Draw draw{7, step};
    return training_losses(*task_of(TaskKind::kClassification), network, plan, Objective(), data, draw).total;
  };
  EXPECT_NE(loss(0.3, 0).item<double>(), loss(0.3, 1).item<double>());
  EXPECT_EQ(loss(0.3, 0).item<double>(), loss(0.3, 0).item<double>());
}

TEST_P(TrainingStep, EachSiteChangesTrainingAndNoneChangesEvaluation) {
  Fixture setup(GetParam());
  DropoutPlan none;
  none.layers.resize(3);
  const double plain = setup.loss(none).item<double>();
  const at::Tensor evaluated = setup.network.evaluate(setup.data);
  const auto differs = [&](const DropoutPlan& plan) {
    const double first = setup.loss(plan).item<double>();
    EXPECT_NE(first, plain);
    EXPECT_EQ(first, setup.loss(plan).item<double>()) << "the same draw gives the same masks";
    EXPECT_NE(first, setup.loss(plan, 1).item<double>()) << "another step gives others";
    EXPECT_TRUE(setup.network.evaluate(setup.data).equal(evaluated));
  };
  for (const Pattern pattern : {Pattern::kElement, Pattern::kColumn, Pattern::kSpan}) {
    for (const PositionRow& row : kPositionRows) {
      if (row.part == NetworkPart::kHead && pattern == Pattern::kSpan) continue;
      DropoutConfig config;
      config.layers = "all";
      config.positions[row.position] = {0.4, pattern};
      differs(make_plan(config, 3, false));
    }
  }
}

TEST_P(TrainingStep, RateZeroIsThePlainModelExactly) {
  Fixture setup(GetParam());
  DropoutPlan none;
  none.layers.resize(3);
  DropoutConfig config;
  config.scheme = Scheme::kCustom;
  for (const PositionRow& row : kPositionRows) config.positions[row.position].rate = 0.0;
  EXPECT_EQ(setup.loss(make_plan(config, 3, false)).item<double>(), setup.loss(none).item<double>());
}

TEST_P(TrainingStep, BothWaysOfTwoPassesAgreeForEveryLossAndBranch) {
  Fixture setup(GetParam());
  DropoutConfig config;
  config.scheme = Scheme::kCustom;
  config.positions[Position::kLogits].rate = config.positions[Position::kHidden].rate = 0.3;
  config.layers = "1-2";
  const DropoutPlan plan = make_plan(config, 3, false);
  for (const ConsistencyLoss loss : {ConsistencyLoss::kKl, ConsistencyLoss::kJs}) {
    for (const ConsistencyBackward backward : {ConsistencyBackward::kOne, ConsistencyBackward::kBoth}) {
      std::vector<at::Tensor> grads;
      for (const ConsistencyPasses passes : {ConsistencyPasses::kBatched, ConsistencyPasses::kSequential}) {
        for (NamedTensor& named : setup.trained.tensors()) named.tensor.mutable_grad() = at::Tensor();
        setup.loss(plan, 0, {loss, 0.7, backward, passes}).backward();
        std::vector<at::Tensor> flat;
        for (const NamedTensor& named : setup.trained.tensors()) flat.push_back(named.tensor.grad().flatten());
        grads.push_back(at::cat(flat));
      }
      // float64: what differs is the order of sums.
      EXPECT_LT((grads[0] - grads[1]).abs().max().item<double>(), 1e-12);
      EXPECT_GT(grads[0].abs().max().item<double>(), 1e-3);
    }
  }
}

TEST_P(TrainingStep, AnExampleDoesNotDependOnItsBatch) {
  Fixture setup(GetParam());
  DeviceBatch alone;
  alone.layout = layout({0, 11}, setup.architecture, at::kCPU);
  alone.ids_N = setup.data.ids_N.narrow(0, 6, 11);
  alone.type_ids_N = setup.data.type_ids_N.narrow(0, 6, 11);
  const at::Tensor together = setup.network.evaluate(setup.data)[2];
  EXPECT_LT((setup.network.evaluate(alone)[0] - together).abs().max().item<double>(), 1e-12);
}

/// The losses and gradients of a language model with every kind of mask, in float32 as a run has it.
std::vector<at::Tensor> language_step(const std::string& family, const ConsistencyConfig& consistency,
                                      bool checkpointing) {
  const Architecture a = tiny(family, HeadUse::kLanguage);
  Network network(a, weights(a, at::kCPU, at::kFloat));
  LoraConfig lora;
  lora.target_modules = targets(family);
  const Trained trained = inject(network, WeightNames(a), lora, 1);
  const at::NoGradGuard guard;
  at::manual_seed(3);
  for (const NamedTensor& named : trained.tensors()) {
    at::Tensor tensor = named.tensor;
    if (named.name.ends_with("lora_B.weight")) tensor.copy_(at::randn_like(tensor) * 0.2);
  }
  Objective objective;
  objective.consistency = consistency;
  objective.activation_checkpointing = checkpointing;
  DropoutConfig config;
  config.scheme = Scheme::kCustom;
  config.positions[Position::kLogits].rate = config.positions[Position::kHidden].rate = 0.3;
  const at::AutoGradMode record(true);
  const DropoutPlan plan = make_plan(config, a.num_layers, true);
  const DeviceBatch data = language_batch(at::kCPU);
  const Losses losses = training_losses(*task_of(TaskKind::kGeneration), network, plan, objective, data, Draw{7});
  losses.total.backward();
  std::vector<at::Tensor> result{losses.total.detach(), losses.ce};
  for (const NamedTensor& named : trained.tensors()) result.push_back(named.tensor.grad());
  return result;
}

TEST(LanguageStep, RecomputedActivationsGiveTheSameLossAndGradientsBitForBit) {
  for (const std::string family : {"gpt2", "llama"}) {
    for (const ConsistencyBackward backward : {ConsistencyBackward::kOne, ConsistencyBackward::kBoth}) {
      const ConsistencyConfig config{ConsistencyLoss::kKl, 0.7, backward, ConsistencyPasses::kAuto};
      const std::vector<at::Tensor> kept = language_step(family, config, false);
      const std::vector<at::Tensor> recomputed = language_step(family, config, true);
      ASSERT_EQ(kept.size(), recomputed.size());
      for (std::size_t i = 0; i < kept.size(); ++i)
        EXPECT_TRUE(kept[i].equal(recomputed[i])) << family << " " << i << " " << (kept[i] - recomputed[i]).abs().max();
    }
  }
}

TEST(LanguageStep, BothWaysOfTwoPassesAgree) {
  for (const ConsistencyLoss loss : {ConsistencyLoss::kKl, ConsistencyLoss::kJs}) {
    for (const ConsistencyBackward backward : {ConsistencyBackward::kOne, ConsistencyBackward::kBoth}) {
      const auto run = [&](ConsistencyPasses passes) {
        return language_step("llama", {loss, 0.7, backward, passes}, false);
      };
      const std::vector<at::Tensor> batched = run(ConsistencyPasses::kBatched);
      const std::vector<at::Tensor> sequential = run(ConsistencyPasses::kSequential);
      // float32: sums in another order.
      for (std::size_t i = 0; i < batched.size(); ++i)
        EXPECT_LT((batched[i] - sequential[i]).abs().max().item<double>(), 1e-5) << i;
      EXPECT_GT(batched[2].abs().max().item<double>(), 1e-3);
    }
  }
}

}  // namespace
}  // namespace hiddenkey
