#include "model/family_configs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "core/error.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

Json llama(const Json& changes = Json::object()) {
  Json json = {{"vocab_size", 100},        {"hidden_size", 64},       {"num_hidden_layers", 2},
               {"num_attention_heads", 4}, {"intermediate_size", 96}, {"max_position_embeddings", 8192}};
  json.update(changes);
  return json;
}

Architecture read(const Json& json, const std::string& family = "llama") {
  return read_llama_config(ConfigFields(json, "config.json"), family);
}

std::string failure(const std::function<void()>& run) {
  try {
    run();
    return "";
  } catch (const ModelError& error) {
    return error.what();
  }
}

TEST(LlamaConfig, HeadsOfKeysAndTheirSizeAreAsGiven) {
  EXPECT_EQ(read(llama()).num_kv_heads, 4);
  EXPECT_EQ(read(llama()).head_size, 16);
  const Architecture given = read(llama({{"num_key_value_heads", 2}, {"head_dim", 10}}));
  EXPECT_EQ(given.num_kv_heads, 2);
  EXPECT_EQ(given.head_size, 10);
  EXPECT_EQ(given.rotary.size(), 5U);
  EXPECT_THAT(failure([] { read(llama({{"num_key_value_heads", 3}})); }), HasSubstr("num_key_value_heads: 3 do not"));
  EXPECT_THAT(failure([] { read(llama({{"head_dim", 9}})); }), HasSubstr("even head size"));
}

TEST(LlamaConfig, RotaryFrequenciesFallFromOneByTheta) {
  const std::vector<double> plain = read(llama({{"rope_theta", 1e4}})).rotary;
  EXPECT_DOUBLE_EQ(plain.front(), 1);
  EXPECT_DOUBLE_EQ(plain[4], 1e-2) << "half of the pairs: the root of theta";
  const Json linear = {{"rope_scaling", {{"type", "linear"}, {"factor", 4.0}}}};
  EXPECT_DOUBLE_EQ(read(llama(linear)).rotary[4], 2.5e-3);
}

TEST(LlamaConfig, Llama3SlowsLongWavesAndKeepsShortOnes) {
  const Json scaling = {{"rope_type", "llama3"},
                        {"factor", 8.0},
                        {"low_freq_factor", 1.0},
                        {"high_freq_factor", 4.0},
                        {"original_max_position_embeddings", 256}};
  const std::vector<double> plain = read(llama()).rotary, slow = read(llama({{"rope_scaling", scaling}})).rotary;
  EXPECT_DOUBLE_EQ(slow.front(), plain.front());
  EXPECT_DOUBLE_EQ(slow.back(), plain.back() / 8);
  // The third pair turns 256 * 0.1 / (2 pi) times in the original context, more than high_freq_factor; the fourth
  // 1.29 times, so that it lies between.
  const double turns = 256 * plain[3] / (2 * M_PI), smooth = (turns - 1) / 3;
  EXPECT_NEAR(slow[3], plain[3] * ((1 - smooth) / 8 + smooth), 1e-15);
  EXPECT_THAT(failure([] {
                read(llama({{"rope_scaling", {{"rope_type", "yarn"}, {"factor", 2.0}}}}));
              }),
              HasSubstr("rope_scaling: rope_type: \"yarn\" is not supported, only default, linear, llama3"));
  EXPECT_THAT(failure([] { read(llama({{"rope_scaling", {{"rope_type", "llama3"}}}})); }), HasSubstr("rope_scaling"));
}

TEST(LlamaConfig, AWindowLimitsThePositions) {
  const auto positions = [](const std::string& family, Json changes) {
    changes["num_key_value_heads"] = 2;
    return read(llama(changes), family).max_positions;
  };
  EXPECT_EQ(positions("mistral", {{"sliding_window", 4096}}), 4096);
  EXPECT_EQ(positions("mistral", {{"sliding_window", nullptr}}), 8192);
  EXPECT_EQ(positions("qwen2", {{"sliding_window", 4096}, {"use_sliding_window", false}}), 8192);
  EXPECT_EQ(positions("qwen2", {{"sliding_window", 4096}, {"use_sliding_window", true}}), 4096);
}

TEST(LlamaConfig, BiasesBelongToTheFamily) {
  EXPECT_FALSE(read(llama()).attention_bias);
  EXPECT_TRUE(read(llama({{"attention_bias", true}})).output_bias);
  const Architecture qwen = read(llama(), "qwen2");
  EXPECT_TRUE(qwen.attention_bias);
  EXPECT_FALSE(qwen.output_bias);
}

TEST(Gpt2Config, RefusesWhatWouldChangeTheFunction) {
  const auto read_gpt2 = [](const Json& changes) {
    Json json = {{"vocab_size", 100}, {"n_embd", 48}, {"n_layer", 2}, {"n_head", 4}, {"n_positions", 64}};
    json.update(changes);
    return read_gpt2_config(ConfigFields(json, "config.json"));
  };
  EXPECT_EQ(read_gpt2(Json::object()).intermediate_size, 4 * 48);
  EXPECT_THAT(failure([&] {
                read_gpt2({{"scale_attn_by_inverse_layer_idx", true}});
              }),
              HasSubstr("scale_attn_by_inverse_layer_idx: true is not supported"));
  EXPECT_THAT(failure([&] { read_gpt2({{"n_head", 7}}); }), HasSubstr("7 heads do not divide n_embd 48"));
}

}  // namespace
}  // namespace hiddenkey
