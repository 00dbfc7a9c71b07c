#include "model/families/families.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "core/error.h"
#include "model/weight_names.h"

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
  const Family* known = find_family(family);
  return known->read(ConfigFields(json, "config.json"), *known);
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
  EXPECT_EQ(given.rotary[0].size(), 5U);
  EXPECT_THAT(failure([] { read(llama({{"num_key_value_heads", 3}})); }), HasSubstr("num_key_value_heads: 3 do not"));
  EXPECT_THAT(failure([] { read(llama({{"head_dim", 9}})); }), HasSubstr("even head size"));
}

TEST(LlamaConfig, RotaryFrequenciesFallFromOneByTheta) {
  const std::vector<double> plain = read(llama({{"rope_theta", 1e4}})).rotary[0];
  EXPECT_DOUBLE_EQ(plain.front(), 1);
  EXPECT_DOUBLE_EQ(plain[4], 1e-2) << "half of the pairs: the root of theta";
  const Json linear = {{"rope_scaling", {{"type", "linear"}, {"factor", 4.0}}}};
  EXPECT_DOUBLE_EQ(read(llama(linear)).rotary[0][4], 2.5e-3);
}

TEST(LlamaConfig, Llama3SlowsLongWavesAndKeepsShortOnes) {
  const Json scaling = {{"rope_type", "llama3"},
                        {"factor", 8.0},
                        {"low_freq_factor", 1.0},
                        {"high_freq_factor", 4.0},
                        {"original_max_position_embeddings", 256}};
  const std::vector<double> plain = read(llama()).rotary[0], slow = read(llama({{"rope_scaling", scaling}})).rotary[0];
  EXPECT_DOUBLE_EQ(slow.front(), plain.front());
  EXPECT_DOUBLE_EQ(slow.back(), plain.back() / 8);
  // The third pair turns 256 * 0.1 / (2 pi) times in the original context, more than high_freq_factor; the fourth
  // 1.29 times, so that it lies between.
  const double turns = 256 * plain[3] / (2 * M_PI), smooth = (turns - 1) / 3;
  EXPECT_NEAR(slow[3], plain[3] * ((1 - smooth) / 8 + smooth), 1e-15);
  EXPECT_THAT(failure([] {
                read(llama({{"rope_scaling", {{"rope_type", "yarn"}, {"factor", 2.0}}}}));
              }),
              HasSubstr("rope_scaling: rope_type: \"yarn\" is not supported, only default, linear, dynamic, llama3"));
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
  // Qwen2's layers have a window from max_window_layers on, 28 where it is absent; these models have two layers.
  EXPECT_EQ(positions("qwen2", {{"sliding_window", 4096}, {"use_sliding_window", true}}), 8192);
  EXPECT_EQ(positions("qwen2", {{"sliding_window", 4096}, {"use_sliding_window", true}, {"max_window_layers", 1}}),
            4096);
  EXPECT_EQ(positions("qwen2", {{"sliding_window", 4096},
                                {"use_sliding_window", true},
                                {"layer_types", {"full_attention", "sliding_attention"}}}),
            4096);
  EXPECT_EQ(positions("qwen2", {{"use_sliding_window", true}, {"layer_types", {"full_attention", "full_attention"}}}),
            8192);
  EXPECT_THAT(failure([&] {
                positions("qwen2", {{"layer_types", {"full_attention", "sliding_attention"}}});
              }),
              HasSubstr("layer_types: asks for a sliding window, but use_sliding_window is not true"));
  EXPECT_THAT(failure([&] {
                positions("qwen2", {{"layer_types", {"linear_attention"}}});
              }),
              HasSubstr("layer_types: \"linear_attention\" is neither"));
}

TEST(LlamaConfig, BiasesBelongToTheFamily) {
  EXPECT_FALSE(read(llama()).attention_bias);
  EXPECT_TRUE(read(llama({{"attention_bias", true}})).output_bias);
  const Architecture qwen = read(llama({{"num_key_value_heads", 4}}), "qwen2");
  EXPECT_TRUE(qwen.attention_bias);
  EXPECT_FALSE(qwen.output_bias);
}

TEST(LlamaConfig, RopeScalingWinsOverRopeParametersWhereItIsNotEmpty) {
  const Json linear = {{"rope_type", "linear"}, {"factor", 4.0}}, plain = {{"rope_type", "default"}};
  EXPECT_DOUBLE_EQ(read(llama({{"rope_parameters", plain}, {"rope_scaling", linear}})).rotary[0][4], 2.5e-3);
  EXPECT_DOUBLE_EQ(read(llama({{"rope_parameters", linear}, {"rope_scaling", Json::object()}})).rotary[0][4], 2.5e-3);
  EXPECT_DOUBLE_EQ(read(llama({{"rope_parameters", linear}, {"rope_scaling", nullptr}})).rotary[0][4], 2.5e-3);
  EXPECT_THAT(failure([&] {
                read(llama({{"rope_parameters", plain}, {"rope_scaling", {{"rope_type", "yarn"}, {"factor", 2.0}}}}));
              }),
              HasSubstr("rope_scaling: rope_type: \"yarn\" is not supported"));
  EXPECT_THAT(failure([&] {
                read(llama({{"rope_scaling", {{"type", "default"}, {"mrope_section", {1, 2}}}}}));
              }),
              HasSubstr("rope_scaling: mrope_section: is not known"));
}

TEST(LlamaConfig, NullAndAbsentKeyHeadsDiffer) {
  EXPECT_EQ(read(llama({{"num_attention_heads", 16}}), "mistral").num_kv_heads, 8);
  EXPECT_EQ(read(llama({{"num_attention_heads", 16}, {"num_key_value_heads", nullptr}}), "mistral").num_kv_heads, 16);
}

TEST(ConfigFields, NameWhatNoReaderKnows) {
  const Json json = llama({{"use_cache", true}, {"attention_sink", 4}, {"num_key_value_heads", 4}});
  const ConfigFields fields(json, "config.json");
  kLlama.read(fields, kLlama);
  EXPECT_THAT(fields.unknown(), testing::ElementsAre("attention_sink"));
  // Mistral has no bias, whatever a field says: Transformers does not read it either.
  const Json biased = llama({{"attention_bias", true}, {"num_key_value_heads", 4}});
  const ConfigFields mistral(biased, "config.json");
  EXPECT_FALSE(kMistral.read(mistral, kMistral).attention_bias);
  EXPECT_THAT(mistral.unknown(), testing::ElementsAre("attention_bias"));
}

TEST(LlamaConfig, ArithmeticOfOtherFamiliesIsRefusedByName) {
  const std::pair<const char*, Json> cases[] = {
      {"logit_scale", 0.5},           {"embedding_multiplier", 12}, {"attn_logit_softcapping", 50.0},
      {"partial_rotary_factor", 0.5}, {"use_qk_norm", true},        {"quantization_config", Json::object()}};
  for (const auto& [name, value] : cases) {
    EXPECT_THAT(failure([&, &key = name, &held = value] {
                  read(llama({{key, held}}));
                }),
                HasSubstr(std::string(name) + ": "))
        << name;
    EXPECT_EQ(failure([&, &key = name] { read(llama({{key, nullptr}})); }), "") << name;
  }
  EXPECT_EQ(failure([] { read(llama({{"logit_scale", 1}, {"partial_rotary_factor", 1.0}})); }), "");
}

TEST(ConfigSizes, AreBoundByWhatTheFilesHold) {
  const auto fits = [](const Json& changes, int64_t most) {
    const Json json = llama(changes);
    return failure([&] { kLlama.read(ConfigFields(json, "config.json", most), kLlama); });
  };
  EXPECT_EQ(fits(Json::object(), 1 << 20), "");
  for (const char* name : {"num_hidden_layers", "vocab_size", "intermediate_size", "head_dim"}) {
    EXPECT_THAT(fits({{name, 2'000'000'000}}, 1 << 20), HasSubstr("more weights than the model's files can hold"))
        << name;
  }
  // Products beyond 64 bits.
  EXPECT_THAT(fits({{"num_hidden_layers", 2'000'000'000}, {"head_dim", 2'000'000'000}}, 1 << 20),
              HasSubstr("can hold"));
}

TEST(EncoderConfig, NormsHaveTransformersEpsilonAndPaddingMayBeNone) {
  const auto encoder = [](const std::string& family, const Json& changes) {
    Json json = llama(changes);
    json.erase("max_position_embeddings");
    return read(json, family);
  };
  EXPECT_DOUBLE_EQ(encoder("roberta", Json::object()).norm_epsilon, 1e-12);
  EXPECT_EQ(encoder("bert", Json::object()).pad_id, 0);
  EXPECT_EQ(encoder("bert", {{"pad_token_id", nullptr}}).pad_id, -1);
  EXPECT_THAT(failure([&] { encoder("roberta", {{"pad_token_id", nullptr}}); }), HasSubstr("pad_token_id: is null"));
  EXPECT_THAT(failure([&] { encoder("bert", {{"pad_token_id", 100}}); }), HasSubstr("beyond vocab_size 100"));
  EXPECT_THAT(failure([&] { encoder("bert", {{"is_decoder", true}}); }), HasSubstr("is_decoder: true is not"));
  EXPECT_THAT(failure([&] {
                encoder("bert", {{"position_embedding_type", "relative_key"}});
              }),
              HasSubstr("position_embedding_type: \"relative_key\" is not"));
}

TEST(Families, HaveTheTargetsOfPeftsTable) {
  EXPECT_THAT(find_family("roberta")->lora_targets,
              testing::ElementsAre(testing::StrEq("query"), testing::StrEq("value")));
  EXPECT_THAT(find_family("gpt2")->lora_targets, testing::ElementsAre(testing::StrEq("c_attn")));
  EXPECT_THAT(find_family("qwen2")->lora_targets,
              testing::ElementsAre(testing::StrEq("q_proj"), testing::StrEq("v_proj")));
  EXPECT_EQ(find_family("albert"), nullptr);
}

TEST(Families, NameEachModuleOnceInBothDirections) {
  for (const Family* family : families()) {
    for (const HeadUse use : {HeadUse::kClassify, HeadUse::kLanguage}) {
      Architecture a;
      a.family = family;
      a.num_layers = 2;
      a.head = use;
      a.tied_head = false;
      if (family->classes.of(use) == nullptr) continue;
      const WeightNames names(a);
      for (const WeightNames::Module& module : names.modules()) {
        const std::string tensor = module.ours + ".weight";
        EXPECT_EQ(names.ours(*names.theirs(tensor)), tensor) << family->name;
      }
      EXPECT_EQ(names.output_module() == nullptr, use == HeadUse::kLanguage) << family->name;
      EXPECT_EQ(find_family(family->name), family);
    }
  }
}

TEST(Gpt2Config, RefusesWhatWouldChangeTheFunction) {
  const auto read_gpt2 = [](const Json& changes) {
    Json json = {{"vocab_size", 100}, {"n_embd", 48}, {"n_layer", 2}, {"n_head", 4}, {"n_positions", 64}};
    json.update(changes);
    return read(json, "gpt2");
  };
  EXPECT_EQ(read_gpt2(Json::object()).intermediate_size, 4 * 48);
  EXPECT_THAT(failure([&] {
                read_gpt2({{"scale_attn_by_inverse_layer_idx", true}});
              }),
              HasSubstr("scale_attn_by_inverse_layer_idx: true is not supported"));
  EXPECT_THAT(failure([&] { read_gpt2({{"n_head", 7}}); }), HasSubstr("7 heads do not divide n_embd 48"));
  // Transformers reads this name too.
  EXPECT_THAT(failure([&] { read_gpt2({{"num_hidden_layers", 3}}); }), HasSubstr("num_hidden_layers: 3 is not"));
  EXPECT_TRUE(read_gpt2(Json::object()).tied_head);
  EXPECT_FALSE(read_gpt2({{"tie_word_embeddings", false}}).tied_head);
}

}  // namespace
}  // namespace hiddenkey
