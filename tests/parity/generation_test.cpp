#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/file.h"
#include "generate/network_model.h"
#include "generate/sampling.h"
#include "io/checkpoint_reader.h"
#include "io/safetensors.h"
#include "model/load_weights.h"
#include "model/model_files.h"

// Held against Transformers' generate on the values of scripts/make_generation_goldens.py.

namespace hiddenkey {
namespace {

using nlohmann::json;

// Sums of 20 log-probabilities of size 5, each of float32 logits.
constexpr double kScores = 2e-4;

fs::path goldens() { return std::getenv("HIDDENKEY_GENERATION_GOLDENS"); }

Network load(const fs::path& folder) {
  const HubConfig hub = ModelFiles(folder).config(HeadUse::kLanguage);
  return Network(hub.architecture, load_weights(CheckpointReader(folder), hub.architecture, 0, at::kFloat, 0).weights);
}

GenerationOptions options_of(const json& settings) {
  GenerationOptions options;
  options.max_new_tokens = 20;
  options.num_beams = settings.value("num_beams", options.num_beams);
  options.length_penalty = settings.value("length_penalty", options.length_penalty);
  options.rules.no_repeat_ngram_size = settings.value("no_repeat_ngram_size", options.rules.no_repeat_ngram_size);
  if (settings.value("early_stopping", false)) options.early_stopping = EarlyStopping::kAtOnce;
  options.num_return_sequences = settings.value("num_return_sequences", options.num_return_sequences);
  return options;
}

void expect_same(const std::vector<Candidate>& found, const json& expected, const std::string& where) {
  ASSERT_EQ(found.size(), expected.size()) << where;
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].tokens, expected[i]["tokens"].get<TokenIds>()) << where << ", candidate " << i;
    EXPECT_NEAR(found[i].score, expected[i]["score"].get<double>(), kScores) << where << ", candidate " << i;
    EXPECT_EQ(found[i].finish == Finish::kEndToken, expected[i]["ended"].get<bool>()) << where << ", candidate " << i;
  }
}

class Generation : public ::testing::TestWithParam<std::string> {};

// All prompts go in one batch here, each went alone there.
TEST_P(Generation, GivesTheTokensOfTransformers) {
  const fs::path folder = goldens() / GetParam();
  const json expected = json::parse(read_file(folder / "expected.json"));
  const Network network = load(folder / "model");
  std::vector<Prompt> prompts;
  for (const json& ids : expected["prompts"]) prompts.push_back({prompts.size(), ids.get<TokenIds>()});
  for (const json& one : expected["cases"]) {
    Ending ending;
    ending.end_ids = one["settings"].value("more_ends", TokenIds());
    ending.end_ids.push_back(expected["end"].get<int32_t>());
    NetworkModel model(network);
    const auto found = search(model, prompts, options_of(one["settings"]), ending);
    for (std::size_t p = 0; p < prompts.size(); ++p)
      expect_same(found[p], one["candidates"][p], one["settings"].dump() + ", prompt " + std::to_string(p));
  }
}

TEST(SamplingFilters, LeaveTheTokensOfTransformers) {
  const SafeTensors file(goldens() / "filters.safetensors");
  const at::Tensor logits = file.read("logits");
  for (const auto& [name, entry] : file.entries()) {
    if (name == "logits") continue;
    const json given = json::parse(name);
    SamplingOptions options;
    options.temperature = given.value("temperature", 1.0);
    options.top_k = given.value("top_k", 0);
    options.top_p = given.value("top_p", 1.0);
    options.top_h = given.value("top_h", 0.0);
    options.min_p = given.value("min_p", 0.0);
    options.typical_p = given.value("typical_p", 1.0);
    options.epsilon_cutoff = given.value("epsilon_cutoff", 0.0);
    options.eta_cutoff = given.value("eta_cutoff", 0.0);
    EXPECT_TRUE(filter_logits(logits, options).equal(file.read(name))) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Families, Generation, ::testing::Values("gpt2", "llama"),
                         [](const auto& family) { return family.param; });

}  // namespace
}  // namespace hiddenkey
