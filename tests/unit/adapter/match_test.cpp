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

TEST(MatchSaved, TheHeadAlwaysAndContainersByName) {
  EXPECT_EQ(match_saved({}, names()).size(), 1U);
  EXPECT_EQ(match_saved({}, names("roberta")).size(), 2U);
  EXPECT_EQ(match_saved({"pooler"}, names()).size(), 2U);
  EXPECT_THAT(failure([] { match_saved({"nothing"}, names()); }), HasSubstr("matches no module"));
  EXPECT_THAT(failure([] { match_saved({"query"}, names()); }), HasSubstr("cannot be trained in full"));
}

}  // namespace
}  // namespace hiddenkey
