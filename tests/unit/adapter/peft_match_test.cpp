#include "adapter/peft_match.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace hiddenkey {
namespace {

WeightNames::Module linear(const std::string& name) { return {name, name, WeightNames::Kind::kLinear, true, true, 0}; }

TEST(PeftMatch, TheFirstMatchingPatternInTheFilesOrderCounts) {
  PeftConfig config;
  config.lora.target_modules = {"query"};
  config.lora.alpha = 8;
  config.lora.rank_pattern = {{"query", 4}, {"layer.1.attention.self.query", 2}};
  config.lora.alpha_pattern = {{"layer.1.*", 64}, {".*query", 4}};
  const PeftMatch match(config);
  EXPECT_EQ(match.own("bert.encoder.layer.1.attention.self.query").r, 4);
  EXPECT_EQ(match.own("bert.encoder.layer.1.attention.self.query").scaling(), 16);
  EXPECT_EQ(match.own("bert.encoder.layer.0.attention.self.query").scaling(), 1);
  EXPECT_EQ(match.own("bert.encoder.layer.1.attention.self.uery").r, 8) << "a pattern begins at a dot";
}

TEST(PeftMatch, NamesThatFitNothingArePassedOver) {
  PeftConfig config;
  config.lora.target_modules = {"query", "q_proj"};
  EXPECT_TRUE(PeftMatch(config).targets(linear("a.query")));
  EXPECT_FALSE(PeftMatch(config).targets(linear("a.key")));
}

TEST(PeftMatch, ExcludedAndSavedModulesCarryNoAdapter) {
  PeftConfig config;
  config.lora.target_modules = {"query", "dense"};
  config.lora.modules_to_save = {"classifier"};
  config.exclude_modules = {"layer.0.query"};
  const PeftMatch match(config);
  EXPECT_FALSE(match.targets(linear("bert.layer.0.query")));
  EXPECT_TRUE(match.targets(linear("bert.layer.1.query")));
  EXPECT_FALSE(match.targets(linear("classifier.dense")));
  EXPECT_TRUE(match.saves("classifier.dense"));
  config.exclude_regex = ".*query";
  EXPECT_FALSE(PeftMatch(config).targets(linear("bert.layer.1.query")));
}

TEST(PeftMatch, ALayerIsTheNumberBehindTheListOfLayers) {
  PeftConfig config;
  config.lora.target_modules = {"query", "bert.layer.0.key"};
  config.lora.layers_to_transform = {1};
  EXPECT_TRUE(PeftMatch(config).targets(linear("bert.layer.1.query")));
  EXPECT_FALSE(PeftMatch(config).targets(linear("bert.layer.0.query")));
  EXPECT_TRUE(PeftMatch(config).targets(linear("bert.layer.0.key"))) << "a full name counts in any layer";
  config.layers_pattern = {"blocks"};
  EXPECT_FALSE(PeftMatch(config).targets(linear("bert.layer.1.query")));
  EXPECT_TRUE(PeftMatch(config).targets(linear("bert.blocks.1.query")));
}

TEST(PeftMatch, AnInvalidPatternIsNamedWithItsField) {
  PeftConfig config;
  config.lora.rank_pattern = {{"(", 4}};
  EXPECT_THROW(PeftMatch{config}, ConfigError);
}

}  // namespace
}  // namespace hiddenkey
