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
  config.logits.rate = 0.1;
  config.hidden.rate = 0.2;
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

TEST(Plan, KnowsWhereDroppingStarts) {
  DropoutConfig config = hiddenkey_config();
  EXPECT_EQ(make_plan(config, 6, false).first_active_layer(), 0);
  EXPECT_EQ(make_plan(config, 6, true).first_active_layer(), 3);
  EXPECT_EQ(make_plan(DropoutConfig(), 6, false).first_active_layer(), 6);
  EXPECT_FALSE(make_plan(DropoutConfig(), 6, false).active());
}

}  // namespace
}  // namespace hiddenkey
