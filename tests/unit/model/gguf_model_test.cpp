#include "model/gguf_model.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>

#include "core/error.h"
#include "model/families/families.h"
#include "model/gguf_tokenizer.h"
#include "model/gguf_weights.h"
#include "model/model_files.h"
#include "support/gguf_bytes.h"

namespace hiddenkey {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class GgufModelFile : public testing::Test {
 protected:
  fs::path path_ = fs::path(testing::TempDir()) / ("hiddenkey-model-" + std::to_string(::getpid()) + ".gguf");
  void TearDown() override { fs::remove(path_); }

  const fs::path& write(const GgufBytes& bytes) {
    write_file_atomically(path_, bytes.bytes());
    return path_;
  }
  std::string failure(const GgufBytes& bytes) {
    write(bytes);
    try {
      ModelFiles(path_).config();
      return "";
    } catch (const ModelError& error) {
      return error.what();
    }
  }
};

/// Width 8, two heads of 4, one of the keys.
GgufBytes tiny() {
  GgufBytes bytes;
  bytes.string("general.architecture", "llama").u32("llama.block_count", 1).u32("llama.context_length", 32);
  bytes.u32("llama.embedding_length", 8).u32("llama.feed_forward_length", 12);
  bytes.u32("llama.attention.head_count", 2).u32("llama.attention.head_count_kv", 1);
  bytes.f32("llama.attention.layer_norm_rms_epsilon", 1e-5F).f32("llama.rope.freq_base", 500.0F);
  return bytes.tensor("token_embd.weight", {8, 5}, std::vector<float>(40, 1));
}

TEST_F(GgufModelFile, MetadataMakeTheConfig) {
  const Architecture a = ModelFiles(write(tiny())).config(HeadUse::kLanguage).architecture;
  EXPECT_EQ(a.family, &kLlama);
  EXPECT_EQ(a.vocab_size, 5);
  EXPECT_EQ(a.head_size, 4);
  EXPECT_EQ(a.num_kv_heads, 1);
  EXPECT_EQ(a.intermediate_size, 12);
  EXPECT_EQ(a.max_positions, 32);
  EXPECT_TRUE(a.tied_head);
  EXPECT_FALSE(a.attention_bias);
  EXPECT_NEAR(a.rotary[0][1], 1 / std::sqrt(500.0), 1e-12);
  const GgufBytes untied = tiny().tensor("output.weight", {8, 5}, std::vector<float>(40, 1));
  EXPECT_FALSE(ModelFiles(write(untied)).config().architecture.tied_head);
}

TEST_F(GgufModelFile, RotaryPositionsAreStretchedAsTheFileSays) {
  const auto second = [&](const GgufBytes& bytes) {
    return ModelFiles(write(bytes)).config().architecture.rotary[0][1];
  };
  const double plain = second(tiny());
  EXPECT_DOUBLE_EQ(second(tiny().f32("llama.rope.scaling.factor", 4)), plain / 4);
  EXPECT_DOUBLE_EQ(second(tiny().f32("llama.rope.scaling.factor", 4).string("llama.rope.scaling.type", "none")), plain);
  EXPECT_DOUBLE_EQ(second(tiny().tensor("rope_freqs.weight", {2}, {1, 8})), plain / 8);
  EXPECT_THAT(failure(tiny().tensor("rope_freqs.weight", {3}, {1, 8, 2})), HasSubstr("3 divisors for 2"));
  EXPECT_THAT(failure(tiny().string("llama.rope.scaling.type", "yarn")), HasSubstr("\"yarn\" is not supported"));
}

TEST_F(GgufModelFile, WhatIsNotLlamaIsRefusedByName) {
  EXPECT_THAT(failure(GgufBytes().string("general.architecture", "phi3")), HasSubstr("\"phi3\" is not supported"));
  EXPECT_THAT(failure(GgufBytes()), HasSubstr("general.architecture: is missing"));
  EXPECT_THAT(failure(tiny().u32("llama.expert_count", 8)), HasSubstr("mixtures of experts"));
  EXPECT_THAT(failure(tiny().u32("llama.rope.dimension_count", 2)), HasSubstr("dimension_count: 2"));
  EXPECT_THAT(failure(tiny().u32("llama.attention.value_length", 2)), HasSubstr("value_length"));
  EXPECT_THAT(failure(GgufBytes().string("general.architecture", "llama")), HasSubstr("is missing"));
}

TEST_F(GgufModelFile, FieldsThatChangeTheResultAreRefusedByName) {
  EXPECT_THAT(failure(tiny().u32("split.count", 2)), HasSubstr("one of 2 files"));
  EXPECT_THAT(failure(GgufBytes().value("split.count", 2, GgufBytes::number(uint16_t{2}))),
              HasSubstr("one of 2 files"));
  EXPECT_EQ(failure(tiny().u32("split.count", 1)), "");
  EXPECT_THAT(failure(tiny().string("general.type", "adapter")), HasSubstr("\"adapter\""));
  EXPECT_THAT(failure(tiny().u32("llama.attention.sliding_window", 8)), HasSubstr("sliding_window"));
  EXPECT_THAT(failure(tiny().f32("llama.logit_scale", 2)), HasSubstr("llama.logit_scale: is 2"));
  EXPECT_THAT(failure(tiny().f32("llama.rope.scaling.attn_factor", 2)), HasSubstr("attn_factor"));
  EXPECT_THAT(failure(tiny().value("tokenizer.ggml.add_sep_token", 7, "\x01")), HasSubstr("add_sep_token: is true"));
  EXPECT_THAT(failure(tiny().u32("tokenizer.ggml.precompiled_charsmap", 1)), HasSubstr("precompiled_charsmap"));
  EXPECT_THAT(failure(tiny().tensor("rope_factors_long.weight", {2}, {1, 8})), HasSubstr("rope_factors_long"));
}

TEST_F(GgufModelFile, FieldsOfNoListAreNamedOnce) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(failure(tiny().u32("llama.twist", 1).string("general.name", "x").f32("tokenizer.ggml.turn", 1)), "");
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("have no effect: llama.twist, tokenizer.ggml.turn"));
}

TEST(GgufNames, BecomeTransformers) {
  EXPECT_EQ(hub_name_of_gguf("token_embd.weight"), "model.embed_tokens.weight");
  EXPECT_EQ(hub_name_of_gguf("output.weight"), "lm_head.weight");
  EXPECT_EQ(hub_name_of_gguf("output_norm.weight"), "model.norm.weight");
  EXPECT_EQ(hub_name_of_gguf("blk.12.attn_output.weight"), "model.layers.12.self_attn.o_proj.weight");
  EXPECT_EQ(hub_name_of_gguf("blk.0.ffn_norm.weight"), "model.layers.0.post_attention_layernorm.weight");
  EXPECT_EQ(hub_name_of_gguf("blk.0.attn_k.bias"), "model.layers.0.self_attn.k_proj.bias");
  EXPECT_EQ(hub_name_of_gguf("blk.0.ffn_gate_inp.weight"), "blk.0.ffn_gate_inp.weight");
}

TEST_F(GgufModelFile, RowsOfQueryAndKeyAreTakenApart) {
  std::vector<float> query(64), key(4);
  for (std::size_t i = 0; i < 64; ++i) query[i] = static_cast<float>(i / 8);
  for (std::size_t i = 0; i < 4; ++i) key[i] = static_cast<float>(i);
  GgufBytes bytes = tiny().tensor("blk.0.attn_q.weight", {8, 8}, query).tensor("blk.0.attn_v.weight", {8, 8}, query);
  const GgufWeights model(std::make_shared<GgufModel>(write(bytes.tensor("blk.0.attn_k.bias", {4}, key))));
  const auto rows = [&](const std::string& name) {
    const at::Tensor tensor = model.read("model.layers.0.self_attn." + name);
    const at::Tensor column = tensor.dim() == 2 ? tensor.select(1, 0).contiguous() : tensor;
    return std::vector<float>(column.const_data_ptr<float>(), column.const_data_ptr<float>() + column.numel());
  };
  EXPECT_THAT(rows("q_proj.weight"), ElementsAre(0, 2, 1, 3, 4, 6, 5, 7));
  EXPECT_THAT(rows("k_proj.bias"), ElementsAre(0, 2, 1, 3));
  EXPECT_THAT(rows("v_proj.weight"), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
}

TEST_F(GgufModelFile, AVocabularyIsReadOrMissed) {
  EXPECT_THROW(GgufModel(write(tiny())).vocabulary(), ModelError);
  GgufBytes bytes = tiny().string("tokenizer.ggml.model", "gpt2").u32("tokenizer.ggml.eos_token_id", 4);
  bytes.value("tokenizer.ggml.tokens", 9, GgufBytes::texts({"a", "b", "ab", "c", "<e>"}));
  bytes.value("tokenizer.ggml.merges", 9, GgufBytes::texts({"a b"})).value("tokenizer.ggml.add_eos_token", 7, "\x01");
  const GgufVocabulary vocabulary = GgufModel(write(bytes)).vocabulary();
  EXPECT_THAT(vocabulary.tokens, ElementsAre("a", "b", "ab", "c", "<e>"));
  EXPECT_THAT(vocabulary.merges, ElementsAre("a b"));
  EXPECT_EQ(vocabulary.eos, 4);
  EXPECT_TRUE(vocabulary.add_eos);
  EXPECT_FALSE(vocabulary.add_bos);
  const auto json = nlohmann::json::parse(tokenizer_files_of(vocabulary, "x.gguf").tokenizer);
  EXPECT_EQ(json["model"]["vocab"]["ab"], 2);
  EXPECT_EQ(json["post_processor"]["single"][1]["SpecialToken"]["id"], "<e>");
  EXPECT_THROW(
      GgufModel(write(tiny().string("tokenizer.ggml.model", "gpt2").u32("tokenizer.ggml.tokens", 1))).vocabulary(),
      ModelError);
}

}  // namespace
}  // namespace hiddenkey
