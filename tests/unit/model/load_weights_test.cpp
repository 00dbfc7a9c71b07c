#include "model/load_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "model/families/families.h"
#include "model/parameters.h"

namespace hiddenkey {
namespace {

using testing::HasSubstr;

/// The base's weights of a model, all of them 1, under Transformers' names.
class Weights final : public WeightSource {
 public:
  explicit Weights(const Architecture& architecture) {
    const WeightNames names(architecture);
    for (const WeightNames::Module& module : names.modules()) {
      if (is_in_head(module.own->place)) continue;
      held_[module.theirs + ".weight"] = at::ones(expected_shape(architecture, module.ours + ".weight", 0));
      if (module.bias)
        held_[module.theirs + ".bias"] = at::ones(expected_shape(architecture, module.ours + ".bias", 0));
    }
    for (const auto& [name, tensor] : held_) shapes_[name] = tensor.sizes().vec();
  }
  void add(const std::string& name, const at::Tensor& tensor) {
    held_[name] = tensor;
    shapes_[name] = tensor.sizes().vec();
  }
  const fs::path& path() const override { return path_; }
  std::vector<const MappedFile*> files() const override { return {}; }
  std::vector<std::string> names() const override {
    std::vector<std::string> result;
    for (const auto& [name, tensor] : held_) result.push_back(name);
    return result;
  }
  const std::vector<int64_t>& shape(const std::string& name) const override { return shapes_.at(name); }
  std::string type(const std::string& /*name*/) const override { return "Float"; }
  at::Tensor read(const std::string& name) const override { return held_.at(name).clone(); }

 private:
  fs::path path_ = "model";
  std::map<std::string, at::Tensor> held_;
  std::map<std::string, std::vector<int64_t>> shapes_;
};

Architecture modernbert() {
  const nlohmann::json json = {{"vocab_size", 30},         {"hidden_size", 64},      {"num_hidden_layers", 8},
                               {"num_attention_heads", 2}, {"intermediate_size", 8}, {"pad_token_id", 0}};
  return kModernBert.read(ConfigFields(json, "config.json"), kModernBert);
}

double deviation(const at::Tensor& weights) { return weights.std().item<double>(); }
double largest(const at::Tensor& weights) { return weights.abs().max().item<double>(); }

// Transformers draws a head of ModernBERT from a normal distribution that is cut off at two deviations, which leaves
// 0.8796 of its deviation: of the last layer 1 / sqrt(64), of the dense one 0.02 / sqrt(2 * 8). 12,800 and 4,096
// numbers tell a deviation to 3%.
TEST(LoadWeights, AHeadThatNoCheckpointHoldsBeginsAsItsFamilySays) {
  const Architecture a = modernbert();
  const LoadedWeights loaded = load_weights(Weights(a), a, 200, at::kFloat, 1);
  EXPECT_THAT(loaded.initialised, testing::ElementsAre("head.dense", "head.norm", "classifier"));
  const at::Tensor& output = loaded.weights.at("head.classifier.weight");
  EXPECT_NEAR(deviation(output) / (0.8796 * 0.125), 1, 0.03);
  EXPECT_LE(largest(output), 0.25);
  EXPECT_GT(largest(output), 0.24) << "some of so many numbers come near the cut";
  EXPECT_NEAR(deviation(loaded.weights.at("head.dense.weight")) / (0.8796 * 0.005), 1, 0.03);
  EXPECT_EQ(largest(loaded.weights.at("head.norm.weight") - 1), 0) << "a norm begins with ones";
  EXPECT_EQ(largest(loaded.weights.at("head.classifier.bias")), 0);
}

TEST(LoadWeights, AHeadThatTheCheckpointHoldsIsTaken) {
  const Architecture a = modernbert();
  Weights weights(a);
  weights.add("head.dense.weight", at::full({64, 64}, 2.0));
  weights.add("head.norm.weight", at::full({64}, 3.0));
  weights.add("decoder.bias", at::zeros({30}));  // of the masked language model
  const LoadedWeights loaded = load_weights(weights, a, 3, at::kFloat, 1);
  EXPECT_THAT(loaded.initialised, testing::ElementsAre("classifier"));
  EXPECT_EQ(loaded.weights.at("head.dense.weight")[0][0].item<double>(), 2);
}

TEST(LoadWeights, TheFirstLayerOfModernBertHasNoPlaceForANorm) {
  const Architecture a = modernbert();
  Weights weights(a);
  weights.add("model.layers.0.attn_norm.weight", at::ones({64}));
  try {
    load_weights(weights, a, 3, at::kFloat, 1);
    FAIL() << "a weight that nobody reads is an error";
  } catch (const ModelError& error) {
    EXPECT_THAT(error.what(), HasSubstr("no place for: model.layers.0.attn_norm.weight"));
  }
}

}  // namespace
}  // namespace hiddenkey
