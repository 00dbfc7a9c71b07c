#include "dropout/plan.h"

#include <gmock/gmock.h>

#include "core/error.h"

namespace hiddenkey {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

DropoutConfig hiddenkey_config() {
  DropoutConfig config;
  config.scheme = Scheme::kHiddenKey;
  config.positions[Position::kLogits].rate = 0.1;
  config.positions[Position::kHidden].rate = 0.2;
  return config;
}

TEST(Plan, EncodersDropInAllLayersAndDecodersInTheLatterHalf) {
  EXPECT_THAT(choose_layers("auto", 3, false), ElementsAre(true, true, true));
  EXPECT_THAT(choose_layers("auto", 5, true), ElementsAre(false, false, true, true, true));
  EXPECT_THAT(choose_layers("all", 2, true), ElementsAre(true, true));
}

TEST(Plan, LayersAreListsWithRanges) {
  EXPECT_THAT(choose_layers("0-1, 3", 5, false), ElementsAre(true, true, false, true, false));
  for (const char* wrong : {"5", "0-5", "2-1", "x", "", "1--2", "-1"})
    EXPECT_THROW(choose_layers(wrong, 5, false), ConfigError) << wrong;
}

TEST(Plan, DescribesEverySite) {
  EXPECT_THAT(make_plan(hiddenkey_config(), 6, false).describe(),
              ElementsAre("layers 0-5: attention logits (DropKey), column, rate 0.1",
                          "layers 0-5: FFN activation (HiddenCut), element, rate 0.2"));
  EXPECT_TRUE(make_plan(DropoutConfig(), 6, false).describe().empty());
}

TEST(Plan, DescribesPositionsInTheOrderOfAForward) {
  DropoutConfig config;
  for (const PositionRow& row : kPositionRows) config.positions[row.position].rate = 0.1;
  config.layers = "0,2-3";
  config.hidden_site = HiddenSite::kFfnOutput;
  config.pretrained = 0.3;
  DropoutPlan plan = make_plan(config, 6, false);
  plan.lora = 0.2;
  EXPECT_THAT(
      plan.describe(),
      ElementsAre("embeddings: input, element, rate 0.1", "layers 0, 2-3: attention logits (DropKey), column, rate 0.1",
                  "layers 0, 2-3: attention weights (DropAttention), column, rate 0.1",
                  "layers 0, 2-3: FFN output (HiddenCut), element, rate 0.1", "head: output, element, rate 0.1",
                  "LoRA targets: LoRA's own input, element, rate 0.2",
                  "whole model: the checkpoint's own dropout, element, rate 0.3"));
}

TEST(Plan, APositionsSitesAreInTheChosenLayersOrInTheModel) {
  for (const PositionRow& row : kPositionRows) {
    DropoutConfig config;
    config.layers = "1";
    config.positions[row.position].rate = 0.1;
    const DropoutPlan plan = make_plan(config, 2, false);
    EXPECT_TRUE(plan.active()) << row.section;
    EXPECT_EQ(plan.sites[row.position].has_value(), !row.in_layers()) << row.section;
    EXPECT_EQ(plan.layers[1].sites[row.position].has_value(), row.in_layers()) << row.section;
    EXPECT_FALSE(plan.layers[0].active()) << row.section;
    EXPECT_EQ(plan.first_active_layer(), row.in_layers() ? 1 : 2) << row.section;
    EXPECT_EQ(plan.drops_input(), row.part == NetworkPart::kEmbeddings) << row.section;
  }
}

TEST(Plan, KnowsWhereDroppingStarts) {
  DropoutConfig config = hiddenkey_config();
  EXPECT_EQ(make_plan(config, 6, false).first_active_layer(), 0);
  EXPECT_EQ(make_plan(config, 6, true).first_active_layer(), 3);
  EXPECT_EQ(make_plan(DropoutConfig(), 6, false).first_active_layer(), 6);
  EXPECT_FALSE(make_plan(DropoutConfig(), 6, false).active());
}

}  // namespace
}  // namespace hiddenkey
