#include "data/sources/tagged.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"

namespace hiddenkey {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<TaggedText> conll(const std::string& bytes, Tags tags = Tags::kRequired) {
  return parse_tagged(bytes, "f", true, {}, tags);
}
std::vector<TaggedText> jsonl(const std::string& bytes) { return parse_tagged(bytes, "f", false, {"tokens", "tags"}); }

std::string fault(const std::string& bytes, bool of_conll) {
  try {
    of_conll ? conll(bytes) : jsonl(bytes);
    return "";
  } catch (const DataError& error) {
    return error.what();
  }
}

TEST(Conll, HasAWordALineAndAnEmptyLineBehindEachText) {
  const auto texts = conll("-DOCSTART- -X- O O\n\nEU NNP B-ORG\nrejects VBZ O\r\n\n\n# NN O\nx NN B-LOC");
  ASSERT_EQ(texts.size(), 2U);
  EXPECT_THAT(texts[0].words, ElementsAre("EU", "rejects"));
  EXPECT_THAT(*texts[0].tags, ElementsAre("B-ORG", "O"));
  EXPECT_EQ(texts[0].line, 3);
  EXPECT_THAT(texts[1].words, ElementsAre("#", "x"));
}

TEST(Conll, PassesOverCommentsAndTakesTabs) {
  const auto texts = conll("# id 1 domain = train\nA\tO\n\n# text = another one\nB\tO\n");
  ASSERT_EQ(texts.size(), 2U);
  EXPECT_THAT(texts[1].words, ElementsAre("B"));
}

TEST(Conll, WithoutTagsHasWordsAlone) {
  const auto texts = conll("A\nB\n\nC\n", Tags::kPassedOver);
  ASSERT_EQ(texts.size(), 2U);
  EXPECT_THAT(texts[0].words, ElementsAre("A", "B"));
  EXPECT_FALSE(texts[0].tags);
}

TEST(Conll, NamesTheLineThatIsWrong) {
  EXPECT_THAT(fault("A O\nB\n", true), HasSubstr("f:2: has 1 columns, the lines before have 2"));
  EXPECT_THAT(fault("A\nB\n", true), HasSubstr("f:1: has one column; expected a word and its tag"));
  EXPECT_THAT(fault("\n\n", true), HasSubstr("f: holds no words"));
}

TEST(TaggedJsonl, HasListsOfWordsAndTags) {
  const auto texts = jsonl("{\"id\": \"q\", \"tokens\": [\"a b\", \"c\"], \"tags\": [0, 3]}\n");
  ASSERT_EQ(texts.size(), 1U);
  EXPECT_EQ(texts[0].id, "q");
  EXPECT_THAT(texts[0].words, ElementsAre("a b", "c"));
  EXPECT_THAT(*texts[0].tags, ElementsAre("0", "3"));
}

TEST(TaggedJsonl, NamesTheLineThatIsWrong) {
  EXPECT_THAT(fault("{\"tokens\": [\"a\"], \"tags\": []}", false),
              HasSubstr("f:1: has 1 words in \"tokens\" and 0 tags"));
  EXPECT_THAT(fault("{\"tokens\": \"a b\", \"tags\": [\"O\"]}", false),
              HasSubstr("f:1: \"tokens\" is text; expected a list"));
  EXPECT_THAT(fault("{\"tokens\": [], \"tags\": []}", false), HasSubstr("f:1: \"tokens\" is an empty list"));
  EXPECT_THAT(fault("{\"tokens\": [\"a\"]}", false), HasSubstr("has no column \"tags\""));
}

TEST(PlainText, IsCutIntoWordsAtWhiteSpace) {
  const auto texts = split_into_words("a  b\n\n c\n");
  ASSERT_EQ(texts.size(), 2U);
  EXPECT_THAT(texts[0].words, ElementsAre("a", "b"));
  EXPECT_EQ(texts[1].line, 3);
}

}  // namespace
}  // namespace hiddenkey
