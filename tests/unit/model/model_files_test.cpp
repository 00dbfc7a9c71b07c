#include "model/model_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "core/error.h"
#include "io/safetensors.h"
#include "io/weight_source.h"
#include "support/gguf_bytes.h"

namespace hiddenkey {
namespace {

class FilesOfAModel : public testing::Test {
 protected:
  FilesOfAModel() : path_(fs::path(testing::TempDir()) / ("hiddenkey-model-files-" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
    write("config.json", R"({"model_type": "bert", "vocab_size": 8, "hidden_size": 4, "num_hidden_layers": 1,
        "num_attention_heads": 2, "intermediate_size": 8, "max_position_embeddings": 8, "hidden_act": "gelu"})");
    write("tokenizer_config.json", R"({"model_max_length": 7})");
    write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\n");
    write_safetensors(path_ / "model.safetensors",
                      {{"classifier.weight", at::ones({3, 4})}, {"classifier.bias", at::zeros({3})}});
  }
  ~FilesOfAModel() override { fs::remove_all(path_); }

  void write(const char* name, const std::string& bytes) const { write_file_atomically(path_ / name, bytes); }
  void empty() const {
    for (const fs::directory_entry& entry : fs::directory_iterator(path_)) fs::remove(entry.path());
  }

  fs::path path_;
};

TEST_F(FilesOfAModel, NoFileIsOpenedTwice) {
  const ModelFiles files(path_);
  const std::string checksum = files.checksum();
  EXPECT_EQ(files.config().architecture.hidden_size, 4);
  EXPECT_EQ(files.tokenizer().limit(), 7);
  const ModelTexts texts = files.texts();
  empty();
  EXPECT_EQ(files.checksum(), checksum);
  EXPECT_EQ(files.config(HeadUse::kTokens).architecture.head, HeadUse::kTokens);
  EXPECT_EQ(files.head_outputs(files.config().architecture), 3);
  EXPECT_EQ(files.weights()->read("classifier.weight").sum().item<float>(), 12);
  EXPECT_EQ(files.small().bytes("vocab.txt").size(), 37U);
  ASSERT_EQ(texts.tokenizer.size(), 2U);
  EXPECT_EQ(texts.tokenizer[1].text, files.small().bytes("vocab.txt"));
}

TEST_F(FilesOfAModel, TheChecksumIsThatOfTheFilesWithWeights) {
  const std::string sums = sha256_of_file(path_ / "model.safetensors");
  EXPECT_EQ(ModelFiles(path_).checksum(), sha256_of_bytes(sums));
}

TEST_F(FilesOfAModel, ReleasedWeightsAreHeldByNobody) {
  const ModelFiles files(path_);
  const std::weak_ptr<const WeightSource> weights = files.weights();
  EXPECT_FALSE(weights.expired());
  files.release();
  EXPECT_TRUE(weights.expired());
  EXPECT_EQ(files.weights()->shape("classifier.bias"), std::vector<int64_t>{3});
}

TEST_F(FilesOfAModel, AMissingModelIsSaidWhenItIsAskedFor) {
  EXPECT_TRUE(ModelFiles(path_).is_there());
  empty();
  const ModelFiles files(path_), file(path_ / "model.gguf");
  EXPECT_FALSE(files.is_there());
  EXPECT_FALSE(file.is_there());
  EXPECT_THROW(files.config(), ModelError);
  EXPECT_THROW(file.config(), ModelError);
  EXPECT_THROW(files.weights(), ModelError);
}

TEST_F(FilesOfAModel, AGgufFileIsMappedOnce) {
  const fs::path path = path_ / "model.gguf";
  write("model.gguf", GgufBytes()
                          .string("general.architecture", "llama")
                          .u32("llama.block_count", 1)
                          .u32("llama.context_length", 8)
                          .u32("llama.embedding_length", 4)
                          .u32("llama.feed_forward_length", 8)
                          .u32("llama.attention.head_count", 2)
                          .f32("llama.attention.layer_norm_rms_epsilon", 1e-5F)
                          .tensor("token_embd.weight", {4, 3}, std::vector<float>(12, 1))
                          .bytes());
  const ModelFiles files(path);
  const std::string checksum = files.checksum();
  empty();
  EXPECT_EQ(files.config(HeadUse::kLanguage).architecture.vocab_size, 3);
  EXPECT_EQ(files.weights()->read("model.embed_tokens.weight").sum().item<float>(), 12);
  EXPECT_EQ(files.checksum(), checksum);
  EXPECT_FALSE(files.small().has("config.json"));
}

}  // namespace
}  // namespace hiddenkey
