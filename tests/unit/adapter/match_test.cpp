#include "adapter/match.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "model/families/families.h"

namespace hiddenkey {
namespace {

using testing::HasSubstr;

WeightNames names(const std::string& family = "bert") {
  Architecture architecture;
  architecture.family = find_family(family);
  architecture.num_layers = 2;
  return WeightNames(architecture);
}

Targets match(std::vector<std::string> targets) {
  LoraConfig config;
  config.target_modules = std::move(targets);
  return match_targets(config, names());
}

Targets match_regex(const std::string& regex) {
  LoraConfig config;
  config.target_regex = regex;
  return match_targets(config, names());
}

std::string failure(const std::function<void()>& run) {
  try {
    run();
    return "";
  } catch (const ConfigError& error) {
    return error.what();
  }
}

TEST(MatchTargets, ANameMatchesWholePartsAtTheEnd) {
  EXPECT_EQ(match({"query", "value"}).modules.size(), 4U);
  EXPECT_EQ(match({"attention.output.dense"}).modules.size(), 2U);
  EXPECT_EQ(match({"dense"}).modules.size(), 7U) << "three a layer, and the pooler";
  EXPECT_EQ(match({"bert.encoder.layer.1.attention.self.key"}).modules.front().layer, 1);
  EXPECT_THAT(failure([] { match({"uery"}); }), HasSubstr("did you mean \"query\"?"));
  EXPECT_THAT(failure([] { match({"LayerNorm"}); }), HasSubstr("no linear layer"));
  EXPECT_THAT(failure([] { match({"classifier"}); }), HasSubstr("matches no module")) << "the head is saved whole";
}

TEST(MatchTargets, ANameThatMatchesNothingIsExplainedOnAnUntiedLanguageModelToo) {
  Architecture architecture;
  architecture.family = find_family("llama");
  architecture.num_layers = 1;
  architecture.causal = true;
  architecture.head = HeadUse::kLanguage;
  architecture.tied_head = false;
  LoraConfig config;
  config.target_modules = {"m_head"};
  EXPECT_THAT(failure([&] { match_targets(config, WeightNames(architecture)); }),
              HasSubstr("did you mean \"lm_head\"?"));
}

TEST(MatchTargets, CountsWhatEachNameFound) {
  const Targets targets = match({"query", "dense"});
  EXPECT_EQ(targets.counts, (std::vector<std::pair<std::string, int64_t>>{{"query", 2}, {"dense", 7}}));
}

TEST(MatchTargets, ARegexMatchesWholeNames) {
  EXPECT_EQ(match_regex(R"(.*layer\.1\..*(query|key))").modules.size(), 2U);
  EXPECT_THAT(failure([] { match_regex("query"); }), HasSubstr("matches no module"));
  EXPECT_THAT(failure([] { match_regex("("); }), HasSubstr("no valid regular expression"));
  EXPECT_EQ(match_regex("all-linear").modules.size(), 13U);
  EXPECT_THAT(failure([] { match_regex("(a*)*(a*)*(a*)*[^a-z.]{30}b|(.*)*(.*)*(.*)*x"); }),
              testing::AnyOf(HasSubstr("too long"), HasSubstr("matches no")));
}

LoraConfig of(std::vector<std::string> targets) {
  LoraConfig config;
  config.target_modules = std::move(targets);
  return config;
}

TEST(MatchTargets, NamesFindModulesInTheChosenLayersAndFullNamesInAny) {
  LoraConfig config = of({"query", "bert.encoder.layer.0.attention.self.key"});
  config.layers_to_transform = {1};
  const Targets targets = match_targets(config, names());
  ASSERT_EQ(targets.modules.size(), 2U);
  EXPECT_EQ(targets.modules[0].theirs, "bert.encoder.layer.0.attention.self.key");
  EXPECT_EQ(targets.modules[1].theirs, "bert.encoder.layer.1.attention.self.query");
  config.target_modules = {"q", "v"};
  EXPECT_EQ(match_targets(config, names("gpt2")).modules.size(), 2U) << "parts of a fused module have layers too";
}

TEST(MatchTargets, ALayerThatAddsNothingIsAnError) {
  LoraConfig config = of({"query"});
  config.layers_to_transform = {0, 2};
  EXPECT_THAT(failure([&] { match_targets(config, names()); }),
              HasSubstr("lora.layers_to_transform: layer 2 has none of the targets; the model's layers are 0 to 1"));
  config = of({"bert.encoder.layer.1.attention.self.query"});
  config.layers_to_transform = {1};
  EXPECT_THAT(failure([&] { match_targets(config, names()); }), HasSubstr("named in full"));
}

TEST(MatchTargets, APatternThatDecidesNothingIsAnError) {
  LoraConfig config = of({"query"});
  config.rank_pattern = {{"value", 4}};
  EXPECT_THAT(failure([&] { match_targets(config, names()); }),
              HasSubstr("lora.rank_pattern: \"value\" decides for none of the targets"));
  config.rank_pattern = {{"query", 4}, {"layer.1.*", 2}};
  EXPECT_THAT(failure([&] { match_targets(config, names()); }), HasSubstr("\"layer.1.*\"")) << "the first one counts";
  config.rank_pattern = {{"layer.1.*", 2}, {"query", 4}};
  config.alpha_pattern = {{"(", 4}};
  EXPECT_THAT(failure([&] { match_targets(config, names()); }),
              HasSubstr("lora.alpha_pattern: \"(\" is no valid regular expression"));
  config.alpha_pattern = {{".*query", 4}};
  EXPECT_EQ(match_targets(config, names()).modules.size(), 2U);
}

TEST(MatchTargets, PartsOfAFusedModuleHaveOneRankAndNoMagnitudes) {
  LoraConfig config = of({"q", "v"});
  config.rank_pattern = {{"h.1.attn.q", 4}};
  EXPECT_THAT(
      failure([&] { match_targets(config, names("gpt2")); }),
      HasSubstr("lora.rank_pattern: transformer.h.1.attn.q and transformer.h.1.attn.v are parts of one module"));
  config.rank_pattern = {{"h.1.attn.[qv]", 4}};
  EXPECT_EQ(match_targets(config, names("gpt2")).modules.size(), 4U);
  config.use_dora = true;
  EXPECT_THAT(failure([&] { match_targets(config, names("gpt2")); }),
              HasSubstr("lora.use_dora: transformer.h.0.attn.q is a part of transformer.h.0.attn.c_attn"));
}

TEST(MatchSaved, TheHeadAlwaysAndContainersByName) {
  EXPECT_EQ(match_saved({}, names()).size(), 1U);
  EXPECT_EQ(match_saved({}, names("roberta")).size(), 2U);
  EXPECT_EQ(match_saved({"pooler"}, names()).size(), 2U);
  EXPECT_THAT(failure([] { match_saved({"nothing"}, names()); }), HasSubstr("matches no module"));
  EXPECT_THAT(failure([] { match_saved({"query"}, names()); }), HasSubstr("cannot be trained in full"));
}

}  // namespace
}  // namespace hiddenkey
