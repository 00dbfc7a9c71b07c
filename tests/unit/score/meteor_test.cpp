#include "score/meteor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "score/meteor_align.h"
#include "score/meteor_normalizer.h"
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
  const Metric metric = Meteor(blank_separated).of({{"dog cat", {"cat dog"}, ""}, {"qwx qwy", {"bird fish"}, ""}});
  EXPECT_NEAR(over_all(metric, 2), 0.5 * (1 - 0.6), 1e-12);
}

TEST(Meteor, AddsNoChunkOfASegmentThatIsMatchedWhole) {
  const Metric metric = Meteor(blank_separated).of({{"cat dog", {"cat dog"}, ""}, {"dog cat", {"cat dog"}, ""}});
  EXPECT_NEAR(over_all(metric, 2), 1 - 0.6 * std::pow(2.0 / 4, 0.2), 1e-12);
}

/// A table with the one entry that "low cost" may be said as "cheap".
class MeteorParaphrases : public testing::Test {
 protected:
  MeteorParaphrases() { write("0.25\nlow cost\ncheap\n"); }
  ~MeteorParaphrases() override { fs::remove(path_); }

  void write(const std::string& text) {
    gzFile_s* file = gzopen(path_.c_str(), "wb");
    gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    gzclose(file);
  }
  double score(const std::string& hypothesis, const std::string& reference) {
    return over_all(Meteor(blank_separated, path_).of({{hypothesis, {reference}, ""}}), 1);
  }

  fs::path path_ = fs::temp_directory_path() / cat("paraphrases-", getpid(), ".gz");
};

TEST_F(MeteorParaphrases, MatchPhrasesOfDifferentLengthsBothWays) {
  const double one = (0.6 + 1) / 2, two = (0.6 * 2 + 1) / 3;  // of two words and of three
  EXPECT_NEAR(score("cheap food", "low cost food"), one * two / (0.85 * one + 0.15 * two), 1e-12);
  EXPECT_NEAR(score("low cost food", "cheap food"), one * two / (0.85 * two + 0.15 * one), 1e-12);
  EXPECT_EQ(score("cheap", "expensive"), 0);
}

TEST_F(MeteorParaphrases, LeaveTheNoteOut) {
  EXPECT_EQ(Meteor(blank_separated, path_).of({}).note, "");
  EXPECT_EQ(Meteor(blank_separated).of({}).note, "without paraphrases");
}

TEST_F(MeteorParaphrases, AreReadAgainForWordsThatAreNew) {
  Meteor both(blank_separated, path_);
  EXPECT_EQ(over_all(both.of({{"bird", {"fish"}, ""}}), 1), 0);
  EXPECT_GT(over_all(both.of({{"cheap", {"low cost"}, ""}}), 1), 0.5);
}

TEST_F(MeteorParaphrases, NameTheLineThatIsNone) {
  write("0.25\nlow cost\ncheap\nno number\nlow\ncheap\n");
  EXPECT_THAT([&] { score("cheap", "low cost"); }, testing::ThrowsMessage<DataError>(testing::HasSubstr(".gz:4: ")));
  write("");
  EXPECT_THAT([&] { score("cheap", "low cost"); }, testing::ThrowsMessage<DataError>(testing::HasSubstr("is empty")));
  path_ = "/no/such/file.gz";
  EXPECT_THAT([&] { score("cheap", "low cost"); }, testing::ThrowsMessage<IoError>(testing::HasSubstr(path_.string())));
}

TEST_F(MeteorParaphrases, RefuseWhatIsNoProbability) {
  for (const std::string number : {"nan", "inf", ""}) {
    write(number + "\nlow cost\ncheap\n");
    EXPECT_THAT([&] { score("cheap", "low cost"); }, testing::ThrowsMessage<DataError>(testing::HasSubstr(".gz:1: ")));
  }
}

TEST_F(MeteorParaphrases, RefuseALineThatUnpacksWithoutEnd) {
  write("0.25\nlow cost\n" + std::string(100'000, 'x') + "\n");
  EXPECT_THAT([&] { score("cheap", "low cost"); },
              testing::ThrowsMessage<DataError>(testing::HasSubstr("a line of more than 65536 bytes")));
}

// What METEOR 1.5 makes of these with -norm.
TEST(MeteorNormalizer, PartsWordsAsMeteorDoes) {
  const auto normalized = [](const std::string& text) { return join(meteor_normalized(blank_separated(text)), " "); };
  EXPECT_EQ(normalized("family-friendly -lrb- 's do n't won't"), "family friendly -lrb- ' s do n 't won 't");
  EXPECT_EQ(normalized("#20-25 50% 3,000 a,b dogs'"), "# 20 25 50 % 3,000 a , b dogs '");
  EXPECT_EQ(normalized("caf\u00e9 \u201ca\u201d it\u2019s 1990's te\u0219t"),
            "caf\u00e9 \" a \" it 's 1990 's te \u0219 t");
  EXPECT_EQ(normalized("p.m. st. john u.s.a st."), "pm st. john u.s.a st .");
  EXPECT_EQ(normalized("a-b-c-d ab-c-de a'b'c a,b,c 1,2,3"), "a b-c d ab c-de a 'b'c a , b,c 1,2,3");
  EXPECT_EQ(normalized(". .. a.. x ...b -- a\u2013b 5'2"), ". .. a .. x ... b - a - b 5 ' 2");
}

TEST(WordNet, KnowsWordsByTheirBaseForms) {
  const WordNet& wordnet = installed_wordnet();
  const auto shares_all = [&](const std::string& word, const std::string& base) {
    const auto a = wordnet.synsets(word), b = wordnet.synsets(base);
    return !b.empty() && std::includes(a.begin(), a.end(), b.begin(), b.end());
  };
  EXPECT_TRUE(shares_all("serves", "serve"));
  EXPECT_TRUE(shares_all("boxes", "box"));
  EXPECT_TRUE(shares_all("cheaper", "cheap"));
  EXPECT_TRUE(shares_all("geese", "goose")) << "an exception";
}

TEST(MeteorAlign, PrefersFewerChunks) {
  MeteorLexicon lexicon(blank_separated, installed_wordnet());
  const MeteorAlignment alignment = align(lexicon.words("cat the dog"), lexicon.words("the bird cat the dog"));
  EXPECT_EQ(alignment.matches.size(), 3U);
  EXPECT_EQ(alignment.chunks, 1U);
  EXPECT_EQ(alignment.matches[1].reference, 3U);
}

// Each word of the one text matches each of the other. Too slow a search ends in this test's time limit.
TEST(MeteorAlign, TakesLongTextsThatRepeatAWord) {
  std::string text;
  for (int i = 0; i < 800; ++i) text += "cat dog ";
  MeteorLexicon lexicon(blank_separated, installed_wordnet());
  EXPECT_EQ(align(lexicon.words(text + "bird"), lexicon.words("fish " + text)).matches.size(), 1600U);
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
