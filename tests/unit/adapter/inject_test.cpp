#include "adapter/inject.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "adapter/merge.h"
#include "support/tiny_network.h"

namespace hiddenkey {
namespace {

DeviceBatch batch_of(const Network& network) {
  DeviceBatch batch;
  batch.layout = make_layout({0, 5, 6, 13}, at::kCPU);
  if (network.architecture().causal) batch.layout.picked_P = batch.layout.first_B + batch.layout.length_B - 1;
  batch.ids_N = at::arange(13, at::kLong);
  batch.type_ids_N = at::zeros({13}, at::kLong);
  return batch;
}

struct AdaptedNetwork {
  Network network;
  WeightNames names;
  Trained trained;

  AdaptedNetwork(const std::string& family, std::vector<std::string> targets, uint64_t seed = 1, LoraConfig config = {})
      : network(tiny(family), weights(tiny(family), at::kCPU, at::kDouble)), names(tiny(family)) {
    config.r = 4;
    config.target_modules = std::move(targets);
    trained = inject(network, names, config, seed);
  }
  at::Tensor tensor(const std::string& end) const {
    for (const NamedTensor& named : trained.tensors()) {
      if (named.name.ends_with(end)) return named.tensor.detach();
    }
    return {};
  }
  at::Tensor logits() const { return network.evaluate(batch_of(network)).detach(); }
  void fill_b() {
    at::manual_seed(9);
    for (const NamedTensor& named : trained.tensors()) {
      if (named.name.ends_with(".lora_B.weight")) named.tensor.detach().normal_(0, 0.3);
      if (named.name.ends_with(".lora_magnitude_vector")) named.tensor.detach().mul_(1.3);
    }
  }
};

const std::vector<std::pair<std::string, std::vector<std::string>>> kEveryLayer = {
    {"bert", {"query", "key", "value", "dense"}},
    {"roberta", {"query", "dense"}},
    {"gpt2", {"c_attn", "c_proj", "c_fc"}},
    {"modernbert", {"Wqkv", "Wo", "Wi", "head.dense"}},
    {"qwen3", {"q_proj", "k_proj"}},
    {"distilbert", {"q_lin", "out_lin", "lin1"}},
    {"electra", {"query", "dense", "embeddings_project"}},
    {"llama", {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}}};

LoraConfig dora() {
  LoraConfig config;
  config.use_dora = true;
  return config;
}

TEST(Inject, NewAdaptersChangeNothing) {
  for (const auto& [family, targets] : kEveryLayer) {
    const Network plain(tiny(family), weights(tiny(family), at::kCPU, at::kDouble));
    const at::Tensor logits = plain.evaluate(batch_of(plain));
    EXPECT_TRUE(AdaptedNetwork(family, targets).logits().equal(logits)) << family;
    // A bias stands in the product of one and behind the magnitudes of the other: one rounding of float64.
    EXPECT_TRUE(AdaptedNetwork(family, targets, 1, dora()).logits().allclose(logits, 1e-12, 1e-12)) << family;
  }
}

TEST(Inject, SingleModulesHaveRanksAndAlphasOfTheirOwn) {
  LoraConfig config;
  config.rank_pattern = {{"layer.1.attention.self.query", 2}, {"query", 3}};
  config.alpha_pattern = {{"value", 40}};
  const AdaptedNetwork adapted("bert", {"query", "value"}, 1, config);
  EXPECT_EQ(adapted.tensor("layer.0.attention.self.query.lora_A.weight").size(0), 3);
  EXPECT_EQ(adapted.tensor("layer.1.attention.self.query.lora_B.weight").size(1), 2);
  EXPECT_EQ(adapted.tensor("layer.1.attention.self.value.lora_A.weight").size(0), 4);
  for (const Adapted& one : adapted.trained.adapted) {
    const bool value = one.module.theirs.ends_with("value");
    EXPECT_EQ(one.term.scaling, value ? 40.0 / 4 : 16.0 / static_cast<double>(one.term.a_RI.size(0)));
  }
}

TEST(Inject, AIsUniformWithinPeftsBoundAndBIsZero) {
  const AdaptedNetwork adapted("bert", {"query"});
  const at::Tensor a = adapted.tensor("layer.0.attention.self.query.lora_A.weight");
  EXPECT_EQ(a.sizes(), (std::vector<int64_t>{4, 16}));
  EXPECT_LE(a.abs().max().item<double>(), 1 / std::sqrt(16.0));
  EXPECT_GT(a.abs().max().item<double>(), 0.9 / std::sqrt(16.0)) << "64 draws come near the bound";
  EXPECT_EQ(adapted.tensor("layer.0.attention.self.query.lora_B.weight").abs().max().item<double>(), 0);
}

TEST(Inject, AnAdaptersStartDependsOnItsModuleAndTheSeedAlone) {
  const std::string end = "layer.1.attention.self.value.lora_A.weight";
  const at::Tensor alone = AdaptedNetwork("bert", {"value"}).tensor(end);
  EXPECT_TRUE(AdaptedNetwork("bert", {"query", "value", "dense"}).tensor(end).equal(alone));
  EXPECT_FALSE(AdaptedNetwork("bert", {"value"}, 2).tensor(end).equal(alone));
  EXPECT_FALSE(AdaptedNetwork("bert", {"query"}).tensor("layer.1.attention.self.query.lora_A.weight").equal(alone));
}

TEST(Inject, TheHeadIsTrainedWholeUnderPeftsName) {
  const AdaptedNetwork adapted("roberta", {"query"});
  std::vector<std::string> saved;
  for (const NamedTensor& named : adapted.trained.tensors()) {
    EXPECT_TRUE(named.tensor.requires_grad()) << named.name;
    if (named.name.find(".lora_") == std::string::npos) saved.push_back(named.name);
  }
  EXPECT_THAT(saved, testing::ElementsAre(
                         "base_model.model.classifier.dense.weight", "base_model.model.classifier.dense.bias",
                         "base_model.model.classifier.out_proj.weight", "base_model.model.classifier.out_proj.bias"));
}

TEST(FindLinear, AModuleIsFoundInItsMatrix) {
  Network bert(tiny("bert"), weights(tiny("bert"), at::kCPU, at::kFloat));
  const LinearPart value = bert.find_linear("layers.2.attention.value");
  EXPECT_EQ(value.linear, &bert.blocks[2].qkv);
  EXPECT_EQ(value.offset, 32);
  EXPECT_EQ(value.outputs, 16);
  EXPECT_EQ(bert.find_linear("layers.2.attention.qkv").linear, nullptr);

  Network llama(tiny("llama"), weights(tiny("llama"), at::kCPU, at::kFloat));
  EXPECT_EQ(llama.find_linear("layers.0.attention.value").offset, 16 + 8) << "keys have one head of two";
  EXPECT_EQ(llama.find_linear("layers.0.mlp.up").offset, 24) << "behind the gate";

  Network gpt2(tiny("gpt2"), weights(tiny("gpt2"), at::kCPU, at::kFloat));
  EXPECT_EQ(gpt2.find_linear("layers.0.attention.qkv").outputs, 48);
  const LinearPart key = gpt2.find_linear("layers.0.attention.key");
  EXPECT_EQ(key.offset, 16) << "a part of the fused module";
  EXPECT_EQ(key.outputs, 16);
}

TEST(Leaves, DecayLeavesBiasesAndNormsOut) {
  const Network network(tiny("gpt2"), weights(tiny("gpt2"), at::kCPU, at::kFloat));
  int64_t decayed = 0;
  for (const NamedTensor& leaf : network.leaves()) {
    EXPECT_EQ(leaf.decays, leaf.tensor.dim() == 2) << leaf.name;
    decayed += leaf.decays ? 1 : 0;
  }
  EXPECT_EQ(decayed, 2 + 3 * 4 + 1) << "two tables, four matrices a layer, the head";
}

void expect_merged_to_be_the_same(const LoraConfig& config) {
  for (const auto& [family, targets] : kEveryLayer) {
    AdaptedNetwork adapted(family, targets, 1, config);
    const at::Tensor before = adapted.logits();
    adapted.fill_b();
    const at::Tensor with = adapted.logits();
    EXPECT_GT((with - before).abs().max().item<double>(), 1e-3) << family;
    merge_adapters(adapted.network);
    for (const Linear* linear : adapted.network.linears()) EXPECT_TRUE(linear->adapters.empty()) << family;
    // float64: what is left is the order of sums of some dozens of terms, over three layers.
    EXPECT_LT((adapted.logits() - with).abs().max().item<double>(), 1e-9) << family;
  }
}

TEST(Merge, PlainWeightsComputeWhatTheAdaptersDid) { expect_merged_to_be_the_same({}); }

TEST(Merge, PlainWeightsHaveTheMagnitudesOfDora) { expect_merged_to_be_the_same(dora()); }

}  // namespace
}  // namespace hiddenkey
