#include "text/decoder.h"

#include <gtest/gtest.h>

namespace hiddenkey {
namespace {

// What is expected here is what Hugging Face's tokenizers 0.23 gives.

std::string decoded(Decoder::Step step, const std::vector<std::string>& tokens) {
  Decoder decoder;
  decoder.add(std::move(step));
  return decoder.decode(tokens);
}

TEST(Decoder, WordPieceJoinsAndCleansUp) {
  const std::vector<std::string> tokens = {"un", "##able", ".", "do", "not", ",", "don", "n't", "##ing", "!"};
  EXPECT_EQ(decoded(WordPieceDecoder{}, tokens), "unable. do not, donn'ting!");
  EXPECT_EQ(decoded(WordPieceDecoder{"##", false}, tokens), "unable . do not , don n'ting !");
  EXPECT_EQ(decoded(WordPieceDecoder{}, {"##a", "b"}), "##a b") << "the first token keeps its prefix";
}

TEST(Decoder, ByteLevelGivesBytesBack) {
  EXPECT_EQ(decoded(ByteLevelDecoder{}, {"Ġcaf", "Ã©"}), " café");
  EXPECT_EQ(decoded(ByteLevelDecoder{}, {"Ã"}), "\uFFFD");
  EXPECT_EQ(decoded(ByteLevelDecoder{}, {"a", "ä¸", "x"}), "a\uFFFDx");
  EXPECT_EQ(decoded(ByteLevelDecoder{}, {"a b"}), "a b") << "what is no byte's character stays";
}

TEST(Decoder, LlamaFusesBytesAndDropsTheFirstSpace) {
  const Decoder llama = llama_decoder(true);
  EXPECT_EQ(llama.decode({"▁▁a", "▁b"}), " a b");
  EXPECT_EQ(llama.decode({"▁", "<0xF0>", "<0x9F>", "<0xA6>", "<0x84>", "x"}), "🦄x");
  EXPECT_EQ(llama.decode({"<0xE4>", "<0xB8>", "a"}), "\uFFFD\uFFFDa");
  EXPECT_EQ(llama.decode({"<0x0A>", "<0xff>"}), "\uFFFD\uFFFD");
  EXPECT_EQ(llama.decode({"<0xG0>"}), "<0xG0>");
  EXPECT_EQ(llama_decoder(false).decode({"▁a"}), " a");
}

TEST(Decoder, MetaspaceDropsTheMarksOfTheFirstToken) {
  EXPECT_EQ(decoded(MetaspaceDecoder{"▁", true}, {"▁Hey", "▁my", "▁", "a▁b"}), "Hey my a b");
  EXPECT_EQ(decoded(MetaspaceDecoder{"▁", false}, {"▁Hey", "▁my"}), " Hey my");
}

TEST(Decoder, WithoutAStepJoinsWithSpaces) { EXPECT_EQ(Decoder().decode({"a", "b"}), "a b"); }

}  // namespace
}  // namespace hiddenkey
