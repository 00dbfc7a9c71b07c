#include "score/e2e.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "score/bleu.h"
#include "score/cider.h"
#include "score/mteval_tokenizer.h"
#include "score/nist.h"
#include "score/references.h"
#include "score/rouge.h"
#include "score/webnlg.h"
#include "unit/score/corpora.h"
#include "unit/score/shared_data.h"

namespace hiddenkey {
namespace {

std::vector<TokenSegment> mteval(const std::vector<Segment>& segments, Casing casing = Casing::kLower) {
  return TokenMemory([casing](std::string_view text) { return mteval_tokens(text, casing); }).corpus(segments);
}

// The numbers of small corpora are those of e2e-metrics' pymteval.py, cider_scorer.py and rouge.py.
TEST(Bleu, ClipsMatchesAndTakesTheClosestLength) {
  const std::vector<Segment> segments = {
      small_corpus()[0], {"Cotto serves cheap food in the centre", {"Cotto serves cheap food , the centre ."}, ""}};
  EXPECT_NEAR(over_all(bleu(mteval(segments), ZeroMatches::kTiny), 2), 0.26281202974515144, 1e-12);
}

TEST(Bleu, TakesNoMatchForATinyOneOrForZero) {
  std::vector<Segment> segments = small_corpus();
  segments.pop_back();
  EXPECT_NEAR(over_all(bleu(mteval(segments), ZeroMatches::kTiny), 3), 2.624834449175726e-05, 1e-12);
  EXPECT_EQ(over_all(bleu(mteval(segments), ZeroMatches::kZero), 3), 0);
}

TEST(Bleu, PrefersTheShorterOfTwoReferencesThatAreAsClose) {
  const std::vector<Segment> segments = {{"a b c d e", {"a b c d e f", "a b c d"}, ""}};
  EXPECT_NEAR(over_all(bleu(split_at_blanks(segments), ZeroMatches::kTiny), 1), 1, 1e-12);
}

TEST(Bleu, SurvivesASystemThatSaysNothing) {
  const std::vector<Segment> segments = {{"", {"a b"}, ""}};
  EXPECT_EQ(over_all(bleu(mteval(segments), ZeroMatches::kTiny), 1), 0);
  EXPECT_EQ(over_all(nist(mteval(segments)), 1), 0);
  EXPECT_EQ(over_all(rouge_l(mteval(segments)), 1), 0);
  EXPECT_EQ(over_all(cider_d(mteval(segments)), 1), 0);
}

TEST(Bleu, OfMultiBleuCountsAMissingReferenceAsOneOfNoLength) {
  // The first hypothesis is nearer to nothing than to its reference.
  std::vector<Segment> segments = {{"a b c d", {"a b c d e f g h i j"}, ""}, {"k l m n", {"k l m n", "k l m n o"}, ""}};
  EXPECT_LT(over_all(multi_bleu_detok(segments), 2), 50) << "references of different numbers lack none";
  count_missing_references(segments);
  const Metric metric = multi_bleu_detok(segments);
  EXPECT_NEAR(over_all(metric, 2), 100, 1e-9);
  EXPECT_THAT(metric.note, testing::HasSubstr("missing reference"));
}

TEST(Nist, WeighsMatchesByTheirInformation) {
  EXPECT_NEAR(over_all(nist(mteval(small_corpus())), 4), 3.408170296517199, 1e-12);
  EXPECT_NEAR(over_all(nist(mteval(small_corpus(), Casing::kAsIs)), 4), 3.389813616584461, 1e-12);
}

TEST(Nist, KeepsTheCorpusWeightsWhereFewerSegmentsAreScored) {
  const Metric metric = nist(mteval(small_corpus()));
  const std::vector<std::size_t> twice = {0, 0}, once = {0};
  EXPECT_NEAR(metric.over(twice), metric.over(once), 1e-12);
  EXPECT_NE(metric.over(once), over_all(nist(mteval({small_corpus()[0]})), 1));
}

TEST(RougeL, TakesTheBestPrecisionAndTheBestRecall) {
  EXPECT_NEAR(over_all(rouge_l(split_at_blanks(small_corpus())), 4), 0.2896931277545865, 1e-12);
}

TEST(CiderD, ComparesWeightedNgrams) {
  const Metric metric = cider_d(split_at_blanks(small_corpus()));
  EXPECT_NEAR(over_all(metric, 4), 0.7838303435858957, 1e-12);
  const std::vector<std::size_t> second = {1};
  EXPECT_NEAR(metric.over(second), 1.02443448, 1e-8);
}

struct Golden {
  const char* references;
  const char* hypotheses;
  double bleu, nist, meteor, rouge, cider;
};

double score_of(const std::vector<Metric>& metrics, const std::string& name, std::size_t count) {
  const auto found =
      std::find_if(metrics.begin(), metrics.end(), [&](const Metric& metric) { return metric.name == name; });
  return found == metrics.end() ? -1 : over_all(*found, count);
}

// What the reference scripts of e2e-metrics print, to four decimals; METEOR by scripts/make_meteor_goldens.py.
class E2eGolden : public testing::TestWithParam<Golden> {};
TEST_P(E2eGolden, HasTheFiguresOfTheReferenceScripts) {
  const fs::path data = shared_data() / "e2e";
  if (!fs::is_directory(data)) GTEST_SKIP() << data << " is not there; point HIDDENKEY_DATA at a folder with e2e";
  const Golden& golden = GetParam();
  const std::vector<Segment> segments = make_segments(
      read_hypotheses(data / golden.hypotheses), read_grouped_references(data / golden.references), golden.hypotheses);
  const std::vector<Metric> metrics = E2eMetrics().of(segments);
  EXPECT_NEAR(score_of(metrics, "BLEU", segments.size()), golden.bleu, 5.1e-5);
  EXPECT_NEAR(score_of(metrics, "NIST", segments.size()), golden.nist, 5.1e-5);
  EXPECT_NEAR(score_of(metrics, "METEOR", segments.size()), golden.meteor, 1e-12);
  EXPECT_NEAR(score_of(metrics, "ROUGE-L", segments.size()), golden.rouge, 5.1e-5);
  EXPECT_NEAR(score_of(metrics, "CIDEr", segments.size()), golden.cider, 5.1e-5);
}
INSTANTIATE_TEST_SUITE_P(Systems, E2eGolden,
                         testing::Values(Golden{"golden/devel-conc.txt", "golden/baseline-output.txt", 0.7203, 7.7889,
                                                0.479150225046264, 0.7910, 2.3039},
                                         Golden{"testset_w_refs.csv", "system_outputs/tgen-std.run0.txt", 0.6616,
                                                8.5446, 0.44719289007722945, 0.6914, 2.2312},
                                         Golden{"testset_w_refs.csv", "system_outputs/tgen-std.run1.txt", 0.6566,
                                                8.4679, 0.4487067331623099, 0.6900, 2.2204}));

TEST(WebnlgGolden, HasTheFiguresOfMultiBleuDetokAndMeteor) {
  const fs::path golden = shared_data() / "webnlg" / "golden";
  if (!fs::is_directory(golden))
    GTEST_SKIP() << golden << " is not there; point HIDDENKEY_DATA at a folder with webnlg";
  const References references = read_parallel_references(
      {golden / "reference0", golden / "reference1", golden / "reference2", golden / "reference3"});
  std::vector<Segment> segments = make_segments(read_hypotheses(golden / "hypothesis"), references, "hypothesis");
  count_missing_references(segments);
  EXPECT_NEAR(over_all(multi_bleu_detok(segments), segments.size()), 51.3190, 5.1e-5);
  const std::vector<Metric> metrics = WebnlgMetrics().of(segments);
  EXPECT_NEAR(score_of(metrics, "METEOR", segments.size()), 0.31782143046143313, 1e-12);
}

}  // namespace
}  // namespace hiddenkey
