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

// Language models against Transformers and PEFT on the values of scripts/make_language_goldens.py: float32 on both
// sides, so that what differs is the order of sums of at most a few hundred terms.

namespace hiddenkey {
namespace {

constexpr double kLogits = 1e-5, kGradients = 1e-5;

struct Case {
  fs::path folder;
  TaskInfo task;
  Dataset data;
  DeviceBatch batch;
  std::unique_ptr<Model> model;

  explicit Case(const std::string& family) : folder(fs::path(std::getenv("HIDDENKEY_GOLDENS")) / (family + "_lm")) {
    task.kind = TaskKind::kGeneration;
    const SafeTensors file(folder / "batch.safetensors");
    const at::Tensor ids = file.read("ids"), offsets = file.read("offsets"), prompts = file.read("prompts");
    std::vector<int64_t> indices;
    for (int64_t i = 0; i < prompts.numel(); ++i) {
      TokenExample example;
      for (int64_t row = offsets[i].item<int64_t>(); row < offsets[i + 1].item<int64_t>(); ++row)
        example.ids.push_back(ids[row].item<int32_t>());
      example.type_ids.resize(example.ids.size());
      example.prompt_length = prompts[i].item<int32_t>();
      data.examples.push_back(example);
      indices.push_back(i);
    }
    model = load_model(ModelFiles(folder / "model"), task, at::kFloat, 0, at::kCPU);
    batch = to_device(pack(data, indices), *make_task(task), model->hub.architecture, at::kCPU);
  }

  Losses losses(double smoothing) const {
    DropoutPlan plan;
    plan.layers.resize(static_cast<std::size_t>(model->hub.architecture.num_layers));
    Objective objective;
    objective.label_smoothing = smoothing;
    return training_losses(*make_task(task), model->network, plan, objective, batch, Draw{});
  }
};

class LanguageParity : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Families, LanguageParity, testing::Values("gpt2", "llama", "qwen2", "mistral", "qwen3"),
                         [](const auto& family) { return family.param; });

void expect_equal(const Case& c, const SafeTensors& expected, const std::vector<NamedTensor>& trained) {
  EXPECT_LT(scaled_distance(c.model->network.evaluate(c.batch), expected.read("logits")), kLogits);
  for (const auto& [prefix, smoothing] : {std::pair{"", 0.0}, std::pair{"smooth.", 0.1}}) {
    for (const NamedTensor& named : trained) {
      at::Tensor tensor = named.tensor;
      tensor.mutable_grad() = at::Tensor();
    }
    const Losses losses = c.losses(smoothing);
    EXPECT_LT(distance(losses.total, expected.read(std::string(prefix) + "loss")), kLogits);
    losses.total.backward();
    for (const NamedTensor& named : trained) {
      EXPECT_LT(scaled_distance(named.tensor.grad(), expected.read(prefix + ("grad." + named.name))), kGradients)
          << named.name;
    }
  }
}

TEST_P(LanguageParity, AdapterLogitsLossAndGradientsEqualPeft) {
  for (const std::string adapter : {"adapter", "adapter_all"}) {
    const Case c(GetParam());
    const Trained trained = load_adapter(c.model->network, c.model->names, read_adapter(c.folder / adapter));
    expect_equal(c, SafeTensors(c.folder / ("expected_" + adapter + ".safetensors")), trained.tensors());
  }
}

TEST_P(LanguageParity, FullFinetuningGradientsEqualTransformersWithTheHeadTiedOrNot) {
  const Case c(GetParam());
  const SafeTensors expected(c.folder / "expected_full.safetensors");
  const Trained trained = train_everything(c.model->network);
  c.losses(0.1).total.backward();
  for (const NamedTensor& leaf : trained.tensors()) {
    for (const NamedTensor& part : c.model->network.parts({leaf.name, leaf.tensor.grad()})) {
      const bool transposed = c.model->names.find(part.name)->transposed && part.tensor.dim() == 2;
      EXPECT_LT(scaled_distance(transposed ? part.tensor.t() : part.tensor,
                                expected.read("smooth.grad." + *c.model->names.theirs(part.name))),
                kGradients)
          << part.name;
    }
  }
}

TEST_P(LanguageParity, MergedWeightsGiveTheSameLogits) {
  const Case c(GetParam());
  load_adapter(c.model->network, c.model->names, read_adapter(c.folder / "adapter_all"));
  const at::Tensor before = c.model->network.evaluate(c.batch);
  merge_adapters(c.model->network);
  EXPECT_LT(scaled_distance(c.model->network.evaluate(c.batch), before), kLogits);
}

TEST(Slices, QueryAndValueOfGpt2HaveAdaptersOfTheirOwnAndAreSavedAsOne) {
  const Case c("gpt2");
  const SafeTensors expected(c.folder / "expected_slices.safetensors");
  LoraConfig config;
  config.r = 4;
  config.alpha = 8;
  config.target_modules = {"q", "v"};
  const Trained trained = inject(c.model->network, c.model->names, config, 0);
  for (const NamedTensor& named : trained.tensors()) {
    const at::NoGradGuard guard;
    at::Tensor target = named.tensor;
    target.copy_(expected.read(named.name));
  }
  EXPECT_LT(scaled_distance(c.model->network.evaluate(c.batch), expected.read("logits")), kLogits);
  const Losses losses = c.losses(0);
  EXPECT_LT(distance(losses.total, expected.read("loss")), kLogits);
  losses.total.backward();
  for (const NamedTensor& named : trained.tensors())
    EXPECT_LT(scaled_distance(named.tensor.grad(), expected.read("grad." + named.name)), kGradients) << named.name;

  const fs::path saved = fs::temp_directory_path() / "hiddenkey_slices";
  write_adapter(saved, config, "base", c.model->names, trained);
  const AdapterFile file = read_adapter(saved);
  EXPECT_EQ(file.lora.r, 8);
  EXPECT_EQ(file.lora.alpha, 16);
  const Case fresh("gpt2");
  load_adapter(fresh.model->network, fresh.model->names, file);
  EXPECT_LT(scaled_distance(fresh.model->network.evaluate(fresh.batch), expected.read("logits")), kLogits);
  fs::remove_all(saved);
}

}  // namespace
}  // namespace hiddenkey
