#include "generate/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "core/error.h"
#include "generate/sampling.h"

namespace hiddenkey {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int32_t kEnd = 0;

/// Logits as a function of a row's tokens alone; keeps each row's tokens, as a cache would.
class FakeModel : public TokenModel {
 public:
  using Logits = std::function<std::vector<double>(const TokenIds& row)>;
  explicit FakeModel(Logits logits, int64_t context = 1000) : logits_(std::move(logits)), context_(context) {}

  at::Tensor start(const std::vector<TokenIds>& prompts, int64_t copies) override {
    rows_.clear();
    for (const TokenIds& prompt : prompts) {
      for (int64_t i = 0; i < copies; ++i) rows_.push_back(prompt);
    }
    return logits_of(prompts);
  }
  at::Tensor step(const TokenIds& ids) override {
    EXPECT_EQ(ids.size(), rows_.size());
    for (std::size_t r = 0; r < rows_.size(); ++r) rows_[r].push_back(ids[r]);
    ++steps;
    row_steps += static_cast<int64_t>(rows_.size());
    return logits_of(rows_);
  }
  void reorder(const std::vector<int64_t>& parents) override { keep(parents); }
  void keep(const std::vector<int64_t>& rows) override {
    std::vector<TokenIds> kept;
    for (const int64_t row : rows) kept.push_back(rows_.at(row));
    rows_ = std::move(kept);
  }
  int64_t context() const override { return context_; }

  int64_t steps = 0, row_steps = 0;

 private:
  at::Tensor logits_of(const std::vector<TokenIds>& rows) const {
    std::vector<at::Tensor> result;
    for (const TokenIds& row : rows) result.push_back(at::tensor(logits_(row), at::kFloat));
    return at::stack(result);
  }
  Logits logits_;
  int64_t context_;
  std::vector<TokenIds> rows_;
};

/// A fixed pseudo-random function of the whole row, over 20 tokens.
std::vector<double> scrambled(const TokenIds& row) {
  uint64_t state = 7;
  for (const int32_t id : row) state = (state ^ static_cast<uint64_t>(id)) * 0x9E3779B97F4A7C15U + 1;
  std::vector<double> logits;
  for (int i = 0; i < 20; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    logits.push_back(static_cast<double>(state >> 40) * 0x1p-24 * 5);
  }
  return logits;
}

/// Probabilities of the next of 4 tokens after the newest one.
FakeModel chain(std::map<int32_t, std::vector<double>> table) {
  return FakeModel([table = std::move(table)](const TokenIds& row) {
    std::vector<double> logits;
    for (const double p : table.at(row.back())) logits.push_back(std::log(p));
    return logits;
  });
}

std::vector<Candidate> search_one(TokenModel& model, const TokenIds& prompt, const GenerationOptions& options,
                                  const Ending& ending = {{kEnd}, nullptr, nullptr}) {
  return search(model, {{0, prompt}}, options, ending).front();
}

std::string failure(const GenerationOptions& options) {
  try {
    check_options(options, 20);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

TEST(GreedySearch, TakesTheLikeliestTokenUntilTheEnd) {
  FakeModel model = chain({{1, {.1, .1, .7, .1}}, {2, {.1, .1, .2, .6}}, {3, {.5, .2, .2, .1}}});
  const std::vector<Candidate> found = search_one(model, {1}, {});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0].tokens, ElementsAre(2, 3));
  EXPECT_EQ(found[0].finish, Finish::kEndToken);
  EXPECT_NEAR(found[0].score, std::log(.7 * .6 * .5), 1e-6);
}

TEST(GreedySearch, EndsAtTheLengthAndAtTheContext) {
  GenerationOptions options;
  options.max_new_tokens = 5;
  const auto always = [](const TokenIds&) { return std::vector<double>{0, 1, 0}; };
  FakeModel model(always), narrow(always, 7);
  EXPECT_EQ(search_one(model, {1, 1, 1}, options)[0].finish, Finish::kLength);
  const Candidate cut = search_one(narrow, {1, 1, 1}, options)[0];
  EXPECT_EQ(cut.finish, Finish::kContext);
  EXPECT_THAT(cut.tokens, ElementsAre(1, 1, 1, 1));
  EXPECT_EQ(model.steps, 4);  // the last token is not read
}

TEST(GreedySearch, EndsAtAStopString) {
  const auto has_stop = [](const TokenIds& tokens) { return tokens.size() == 3; };
  FakeModel model(scrambled);
  const Candidate found = search_one(model, {4}, {}, {{}, has_stop, nullptr})[0];
  EXPECT_EQ(found.finish, Finish::kStop);
  EXPECT_EQ(found.tokens.size(), 3U);
}

TEST(GreedySearch, RepeatsNoNGramOfThePrompt) {
  GenerationOptions options;
  options.rules.no_repeat_ngram_size = 2;
  options.max_new_tokens = 3;
  FakeModel model([](const TokenIds&) { return std::vector<double>{0, 3, 2, 1}; });
  // 1 2 and then 2 1 stand in the prompt; the bans are of each pair once.
  EXPECT_THAT(search_one(model, {1, 2, 1}, options, {})[0].tokens, ElementsAre(1, 3, 1));
}

TEST(GreedySearch, DropsRowsThatHaveEnded) {
  GenerationOptions options;
  options.max_new_tokens = 10;
  FakeModel model([](const TokenIds& row) {
    return row.back() == 3 ? std::vector<double>{9, 0, 0, 0} : std::vector<double>{0, 9, 0, 0};
  });
  const auto found = search(model, {{0, {3}}, {1, {1}}, {2, {3}}}, options, {{kEnd}, nullptr, nullptr});
  EXPECT_THAT(found[0][0].tokens, IsEmpty());
  EXPECT_EQ(found[1][0].tokens.size(), 10U);
  EXPECT_THAT(found[2][0].tokens, IsEmpty());
  EXPECT_EQ(model.row_steps, 9);
}

TEST(BeamSearch, FindsWhatGreedySearchMisses) {
  // 2 looks best at first, but 3 leads to a sure end.
  FakeModel model = chain({{1, {.01, .01, .58, .4}}, {2, {.3, .3, .2, .2}}, {3, {.97, .01, .01, .01}}});
  GenerationOptions options;
  options.num_beams = 2;
  options.num_return_sequences = 2;
  const std::vector<Candidate> found = search_one(model, {1}, options);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_THAT(found[0].tokens, ElementsAre(3));
  EXPECT_NEAR(found[0].score, std::log(.4 * .97) / 2, 1e-6);
  EXPECT_GE(found[0].score, found[1].score);
}

TEST(BeamSearch, LengthPenaltyDecidesBetweenShortAndLong) {
  const std::map<int32_t, std::vector<double>> table{
      {1, {.45, .01, .53, .01}}, {2, {.01, .01, .01, .97}}, {3, {.5, .01, .48, .01}}};
  FakeModel model = chain(table);
  GenerationOptions options;
  options.num_beams = 3;
  options.max_new_tokens = 20;
  options.length_penalty = -1;
  EXPECT_THAT(search_one(model, {1}, options)[0].tokens, IsEmpty());
  options.length_penalty = 2;
  EXPECT_GT(search_one(model, {1}, options)[0].tokens.size(), 1U);
}

TEST(BeamSearch, FindsTheLikeliestShortTextWhateverTheLengthPenalty) {
  for (const double penalty : {-3.0, -5.0, -40.0, -400.0, 400.0}) {
    FakeModel model([](const TokenIds&) { return std::vector<double>{0, 40, 0, 20}; });
    GenerationOptions options;
    options.num_beams = 2;
    options.num_return_sequences = 2;
    options.max_new_tokens = 60;
    options.length_penalty = penalty;
    const std::vector<Candidate> found = search_one(model, {1}, options);
    ASSERT_EQ(found.size(), 2U) << penalty;
    EXPECT_FALSE(found[0].tokens.empty()) << penalty;
  }
}

TEST(BeamSearch, GivesAsManyTextsAsAskedForWhereNearlyAllTokensAreBanned) {
  FakeModel model(scrambled);
  GenerationOptions options;
  options.num_beams = 4;
  options.num_return_sequences = 4;
  options.max_new_tokens = 3;
  for (int32_t id = 1; id < 20; ++id) options.rules.suppress.push_back(id);
  EXPECT_EQ(search_one(model, {1}, options).size(), 4U);
}

TEST(Search, AResultDoesNotDependOnTheBatch) {
  const std::vector<Prompt> prompts{{0, {4}}, {1, {5, 6, 7}}, {2, {8, 9}}, {3, {1, 2, 3, 4, 5}}};
  for (const int kind : {0, 1, 2}) {
    GenerationOptions options;
    options.max_new_tokens = 12;
    options.rules.no_repeat_ngram_size = 2;
    options.num_return_sequences = kind == 0 ? 1 : 3;
    if (kind == 1) options.num_beams = 4;
    options.do_sample = kind == 2;
    options.sampling = SamplingOptions{0.8, 10, 0.9, 3};
    FakeModel model(scrambled);
    const auto together = search(model, prompts, options, {{kEnd, 1}, nullptr, nullptr});
    for (std::size_t p = 0; p < prompts.size(); ++p) {
      const auto alone = search(model, {prompts[p]}, options, {{kEnd, 1}, nullptr, nullptr}).front();
      ASSERT_EQ(alone.size(), together[p].size());
      for (std::size_t i = 0; i < alone.size(); ++i) {
        EXPECT_EQ(alone[i].tokens, together[p][i].tokens) << "prompt " << p << ", kind " << kind;
        EXPECT_EQ(alone[i].score, together[p][i].score);
      }
    }
  }
}

TEST(Search, AnInterruptionEndsIt) {
  for (const int64_t beams : {1, 3}) {
    GenerationOptions options;
    options.num_beams = beams;
    int asked = 0;
    FakeModel model(scrambled);
    const Ending ending{{}, nullptr, [&] { return ++asked == 4; }};
    EXPECT_THROW(search_one(model, {1}, options, ending), StoppedError);
    EXPECT_EQ(model.steps, 3);
  }
}

TEST(Sampling, DrawsInProportion) {
  const at::Tensor logits = at::tensor({.1, .2, .3, .4}, at::kDouble).log().to(at::kFloat).expand({8000, 4});
  std::vector<double> draws;
  for (uint32_t i = 0; i < 8000; ++i) draws.push_back(draw_at(1, {i, 0, 0}));
  const at::Tensor share = at::bincount(sample(logits, draws), {}, 4).to(at::kDouble) / 8000;
  // Five standard deviations of the largest share.
  EXPECT_LT((share - at::tensor({.1, .2, .3, .4}, at::kDouble)).abs().max().item<double>(), 5 * std::sqrt(.25 / 8000));
}

TEST(Sampling, ADrawHasEveryPartOfItsAddress) {
  const double here = draw_at(1, {1, 1, 1});
  EXPECT_EQ(here, draw_at(1, {1, 1, 1}));
  for (const double other : {draw_at(2, {1, 1, 1}), draw_at(1, {2, 1, 1}), draw_at(1, {1, 2, 1}), draw_at(1, {1, 1, 2}),
                             draw_at(1, {1 + (uint64_t{1} << 32), 1, 1}), draw_at(1 + (uint64_t{1} << 32), {1, 1, 1})})
    EXPECT_NE(here, other);
}

TEST(Sampling, NeverTakesWhatIsFilteredOut) {
  const at::Tensor logits = at::tensor({-INFINITY, 1.0F, -INFINITY}, at::kFloat).expand({2, 3});
  EXPECT_TRUE(at::equal(sample(logits, {0.0, 1 - 0x1p-53}), at::tensor({1, 1}, at::kLong)));
}

std::vector<bool> kept(const SamplingOptions& options, const std::vector<double>& probabilities) {
  const at::Tensor logits = filter_logits(at::tensor(probabilities, at::kFloat).log().unsqueeze(0), options);
  std::vector<bool> result;
  for (int64_t i = 0; i < logits.size(1); ++i) result.push_back(std::isfinite(logits[0][i].item<float>()));
  return result;
}

TEST(Sampling, FiltersByRankAndByProbability) {
  const std::vector<double> p{.05, .4, .15, .3, .1};
  EXPECT_THAT(kept({1, 2, 1, 0}, p), ElementsAre(false, true, false, true, false));
  EXPECT_THAT(kept({1, 0, .8, 0}, p), ElementsAre(false, true, true, true, false));
  EXPECT_THAT(kept({1, 0, .01, 0}, p), ElementsAre(false, true, false, false, false));
  EXPECT_THAT(kept({1, 99, 1, 0}, p), ElementsAre(true, true, true, true, true));
  // The temperature comes first: it makes the others so unlikely that top_p leaves them out.
  EXPECT_THAT(kept({.1, 0, .9, 0}, p), ElementsAre(false, true, false, false, false));
}

TEST(GenerationOptions, NameWhatIsWrong) {
  GenerationOptions options;
  EXPECT_EQ(failure(options), "");
  options.num_beams = 21;
  EXPECT_THAT(failure(options), HasSubstr("num_beams: 21 are more than the 20 tokens"));
  options = {};
  options.num_return_sequences = 2;
  EXPECT_THAT(failure(options), HasSubstr("num_return_sequences: 2 are more than num_beams=1"));
  options.do_sample = true;
  EXPECT_EQ(failure(options), "");
  options.sampling.top_p = 0;
  EXPECT_THAT(failure(options), HasSubstr("top_p: 0 is not in (0, 1]"));
  options.sampling = SamplingOptions{0, 0, 1, 0};
  EXPECT_THAT(failure(options), HasSubstr("temperature: 0"));
  options = {};
  options.stop = {""};
  EXPECT_THAT(failure(options), HasSubstr("stop:"));
}

}  // namespace
}  // namespace hiddenkey
