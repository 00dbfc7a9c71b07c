#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "adapter/load_adapter.h"
#include "adapter/merge.h"
#include "core/file.h"
#include "io/safetensors.h"
#include "model/load_model.h"
#include "support/distance.h"
#include "task/training_losses.h"
#include "train/optimizer.h"

// Held against Transformers and PEFT on the values of scripts/make_goldens.py: float32 on both sides, so that what
// differs is the order of sums of at most a few hundred terms.

namespace hiddenkey {
namespace {

constexpr double kLogits = 1e-5, kGradients = 1e-5, kLosses = 1e-4;

fs::path goldens() { return std::getenv("HIDDENKEY_GOLDENS"); }

struct Case {
  fs::path folder;
  DeviceBatch batch;
  Objective objective;

  explicit Case(const std::string& name) : folder(goldens() / name) {
    const SafeTensors file(folder / "batch.safetensors");
    batch.ids_N = file.read("ids");
    batch.type_ids_N = file.read("type_ids");
    batch.labels_P = file.read("labels");
    const at::Tensor offsets = file.read("offsets");
    batch.layout = make_layout({offsets.data_ptr<int64_t>(), offsets.data_ptr<int64_t>() + offsets.numel()}, at::kCPU);
    const bool causal = name == "gpt2" || name == "llama" || name == "qwen2" || name == "qwen3";
    if (causal) batch.layout.picked_P = batch.layout.first_B + (batch.layout.length_B - 1);
  }
  std::unique_ptr<Model> load(const std::string& model = "model") const {
    TaskInfo task;
    task.labels =
        folder.filename() == "minilm" ? std::vector<std::string>{"0", "1"} : std::vector<std::string>{"0", "1", "2"};
    return load_model(ModelFiles(folder / model), task, at::kFloat, 0, at::kCPU);
  }
  Losses losses(const Model& model) const {
    return training_losses(*make_task(TaskInfo()), model.network, plain_plan(model), objective, batch, Draw{});
  }
  static DropoutPlan plain_plan(const Model& model) {
    DropoutPlan plan;
    plan.layers.resize(static_cast<std::size_t>(model.hub.architecture.num_layers));
    return plan;
  }
};

class Parity : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!fs::exists(goldens() / GetParam())) GTEST_SKIP() << "its data is not on this machine";
  }
};

void expect_adapter_equals_peft(const Case& c, const std::string& adapter) {
  const SafeTensors expected(c.folder / ("expected_" + adapter + ".safetensors"));
  const std::unique_ptr<Model> model = c.load();
  const Trained trained = load_adapter(model->network, model->names, read_adapter(c.folder / adapter));
  EXPECT_LT(distance(model->network.evaluate(c.batch), expected.read("logits")), kLogits);
  const Losses losses = c.losses(*model);
  EXPECT_LT(distance(losses.total, expected.read("loss")), kLogits);
  losses.total.backward();
  for (const NamedTensor& named : trained.tensors()) {
    EXPECT_LT(scaled_distance(named.tensor.grad(), expected.read("grad." + named.name)), kGradients) << named.name;
  }
}

TEST_P(Parity, AdapterLogitsLossAndGradientsEqualPeft) { expect_adapter_equals_peft(Case(GetParam()), "adapter"); }

TEST_P(Parity, AdaptersOnEveryLinearLayerEqualPeft) { expect_adapter_equals_peft(Case(GetParam()), "adapter_all"); }

TEST_P(Parity, DoraOnEveryLinearLayerEqualsPeft) { expect_adapter_equals_peft(Case(GetParam()), "adapter_dora"); }

TEST_P(Parity, DoraStartsWithTheMagnitudesOfPeft) {
  const Case c(GetParam());
  const std::unique_ptr<Model> model = c.load();
  const AdapterFile file = read_adapter(c.folder / "adapter_dora_new");
  const Trained trained = inject(model->network, model->names, file.lora, 0);
  for (const Adapted& adapted : trained.adapted) {
    const auto theirs = file.tensors.find(TermNames(adapted.module.theirs).magnitude);
    ASSERT_NE(theirs, file.tensors.end()) << adapted.module.theirs;
    EXPECT_LT(scaled_distance(adapted.term.magnitude_O.detach(), theirs->second), kLogits) << adapted.module.theirs;
  }
}

TEST_P(Parity, FullFinetuningGradientsEqualTransformers) {
  const Case c(GetParam());
  const SafeTensors expected(c.folder / "expected_full.safetensors");
  const std::unique_ptr<Model> model = c.load();
  const Trained trained = train_everything(model->network);
  EXPECT_LT(distance(model->network.evaluate(c.batch), expected.read("logits")), kLogits);
  c.losses(*model).total.backward();
  for (const NamedTensor& leaf : trained.tensors()) {
    for (const NamedTensor& part : model->network.parts({leaf.name, leaf.tensor.grad()})) {
      const bool transposed = model->names.find(part.name)->transposed && part.tensor.dim() == 2;
      // Biases of keys have no gradient but rounding: a softmax does not see them.
      EXPECT_LT(scaled_distance(transposed ? part.tensor.t() : part.tensor,
                                expected.read("grad." + *model->names.theirs(part.name))),
                kGradients)
          << part.name;
    }
  }
}

void expect_losses_of_ten_steps(const Case& c, const std::string& adapter) {
  const SafeTensors expected(c.folder / ("expected_" + adapter + ".safetensors"));
  const std::unique_ptr<Model> model = c.load();
  const Trained trained = load_adapter(model->network, model->names, read_adapter(c.folder / adapter));
  TrainingConfig config;
  config.weight_decay = 0.1;
  AdamW optimizer(trained.tensors(), config, {});
  const at::Tensor losses = expected.read("adamw_losses");
  for (int64_t step = 0; step < losses.numel(); ++step) {
    optimizer.zero_grad();
    const at::Tensor loss = c.losses(*model).total;
    EXPECT_LT(distance(loss, losses[step]), kLosses) << "step " << step;
    loss.backward();
    optimizer.step(1e-3, loss);
  }
}

TEST_P(Parity, TenAdamWStepsGiveTheSameLosses) { expect_losses_of_ten_steps(Case(GetParam()), "adapter"); }

TEST_P(Parity, TenAdamWStepsOfDoraGiveTheSameLosses) { expect_losses_of_ten_steps(Case(GetParam()), "adapter_dora"); }

TEST_P(Parity, MergedWeightsGiveTheSameLogits) {
  const Case c(GetParam());
  for (const std::string adapter : {"adapter_all", "adapter_dora"}) {
    const std::unique_ptr<Model> model = c.load();
    load_adapter(model->network, model->names, read_adapter(c.folder / adapter));
    const at::Tensor before = model->network.evaluate(c.batch);
    merge_adapters(model->network);
    EXPECT_LT(scaled_distance(model->network.evaluate(c.batch), before), kLogits) << adapter;
  }
}

INSTANTIATE_TEST_SUITE_P(Families, Parity,
                         testing::Values("bert", "roberta", "gpt2", "llama", "qwen2", "qwen3", "modernbert",
                                         "modernbert_mean", "distilbert", "electra", "xlm_roberta", "minilm"),
                         [](const auto& family) { return family.param; });

TEST(Checkpoints, ShardsGiveTheSameLogitsAsOneFile) {
  const Case c("bert");
  EXPECT_TRUE(c.load("model_sharded")->network.evaluate(c.batch).equal(c.load()->network.evaluate(c.batch)));
}

TEST(Checkpoints, HalfPrecisionWeightsAreRead) {
  const Case c("bert");
  for (const std::string name : {"model_fp16", "model_bf16"}) {
    const SafeTensors expected(c.folder / ("expected_" + name + ".safetensors"));
    EXPECT_LT(distance(c.load(name)->network.evaluate(c.batch), expected.read("logits")), kLogits);
  }
}

TEST(Checkpoints, ABareModelHasTheSameBaseAndANewHead) {
  const Case c("bert");
  const std::unique_ptr<Model> bare = c.load("model_base"), whole = c.load();
  EXPECT_EQ(bare->initialised, std::vector<std::string>{"classifier"});
  EXPECT_TRUE(whole->initialised.empty());
  for (std::size_t i = 0; i + 2 < bare->network.leaves().size(); ++i) {
    EXPECT_TRUE(bare->network.leaves()[i].tensor.equal(whole->network.leaves()[i].tensor))
        << bare->network.leaves()[i].name;
  }
}

}  // namespace
}  // namespace hiddenkey
