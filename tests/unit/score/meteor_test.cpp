#include "score/meteor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "score/meteor_align.h"
#include "score/words.h"
#include "unit/score/corpora.h"

namespace hiddenkey {
namespace {

double meteor(const std::string& hypothesis, const std::vector<std::string>& references) {
  return over_all(Meteor(blank_separated).of({{hypothesis, references, ""}}), 1);
}

TEST(Meteor, IsOneForTheSameText) { EXPECT_DOUBLE_EQ(meteor("the cat sat", {"a dog", "the cat sat"}), 1); }

TEST(Meteor, IsZeroWithoutAMatch) {
  EXPECT_EQ(meteor("", {"the cat"}), 0);
  EXPECT_EQ(meteor("qwx", {"the cat"}), 0);
}

TEST(Meteor, WeighsStemsAndSynonyms) {
  EXPECT_NEAR(meteor("cat dogs", {"cat dog"}), (1 + 0.6) / 2, 1e-12);
  EXPECT_NEAR(meteor("car", {"automobile"}), 0.8, 1e-12);
  EXPECT_NEAR(meteor("geese", {"goose"}), 0.8, 1e-12);  // by WordNet's list of exceptions
}

TEST(Meteor, CountsFunctionWordsLess) {
  const double precision = 0.75 / (0.75 + 0.25), mean = precision / (0.85 * precision + 0.15);
  EXPECT_NEAR(meteor("the cat", {"cat"}), mean * (1 - 0.6), 1e-12);
}

TEST(Meteor, LowersTheScoreOfMatchesInPieces) {
  EXPECT_NEAR(meteor("dog cat", {"cat dog"}), 1 - 0.6, 1e-12);
  EXPECT_NEAR(meteor("dog cat bird", {"cat bird dog"}), 1 - 0.6 * std::pow(2.0 / 3, 0.2), 1e-12);
}

TEST(Meteor, SumsTheCountsOfSegments) {
  const Metric metric = Meteor(blank_separated).of({{"cat dog", {"cat dog"}, ""}, {"qwx qwy", {"bird fish"}, ""}});
  EXPECT_NEAR(over_all(metric, 2), 0.5 * (1 - 0.6 * std::pow(0.5, 0.2)), 1e-12);
}

TEST(MeteorAlign, PrefersFewerChunks) {
  MeteorLexicon lexicon(blank_separated, installed_wordnet());
  const MeteorAlignment alignment = align(lexicon.words("cat the dog"), lexicon.words("the bird cat the dog"));
  EXPECT_EQ(alignment.matches.size(), 3U);
  EXPECT_EQ(alignment.chunks, 1U);
  EXPECT_EQ(alignment.matches[1].reference, 3U);
}

TEST(WordNet, NamesThePackageThatIsMissing) {
  try {
    WordNet wordnet("/no/such/folder");
    FAIL() << "no error";
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("install wordnet-base"));
  }
}

}  // namespace
}  // namespace hiddenkey
