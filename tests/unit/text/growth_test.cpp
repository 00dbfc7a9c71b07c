#include "text/growth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "text/decoder.h"
#include "text/normalizer.h"

namespace hiddenkey {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(Growth, ANormalizerThatGrowsATextWithoutEndIsRefused) {
  Normalizer normalizer("here: normalizer");
  for (int i = 0; i < 40; ++i) normalizer.add(ReplaceNormalizer{U"a", U"aaaa"});
  EXPECT_EQ(normalizer.normalize(U"b"), U"b");
  EXPECT_THAT(
      [&] { normalizer.normalize(U"a"); },
      ThrowsMessage<ModelError>(HasSubstr("here: normalizer: makes more than 1048592 characters of a text of 1")));
}

TEST(Growth, OneStepThatGrowsATextWithoutEndIsRefused) {
  Normalizer normalizer("here");
  normalizer.add(ReplaceNormalizer{U"a", std::u32string(1 << 20, U'b')});
  EXPECT_EQ(normalizer.normalize(U"a").size(), 1U << 20);
  EXPECT_THROW(normalizer.normalize(std::u32string(1 << 20, U'a')), ModelError);
}

TEST(Growth, ADecoderThatGrowsATextWithoutEndIsRefused) {
  Decoder decoder("here: decoder");
  for (int i = 0; i < 40; ++i) decoder.add(ReplaceDecoder{"a", "aaaa"});
  EXPECT_EQ(decoder.decode({"b", "c"}), "bc");
  EXPECT_THAT(
      [&] {
        decoder.decode({"a", "b"});
      },
      ThrowsMessage<ModelError>(HasSubstr("here: decoder: makes more than 1048608 bytes of tokens of 2")));
  Decoder once;
  once.add(ReplaceDecoder{"a", std::string(1 << 20, 'b')});
  EXPECT_THROW(once.decode(std::vector<std::string>(1 << 20, "a")), ModelError);
}

}  // namespace
}  // namespace hiddenkey
