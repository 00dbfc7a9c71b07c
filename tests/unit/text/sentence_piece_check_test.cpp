#include "text/sentence_piece_check.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace hiddenkey {
namespace {

std::string as_bytes(uint32_t number) {
  std::string bytes;
  for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(number >> shift);
  return bytes;
}

/// A way of so many letters "a", at each of which a text ends: each node has 256 units of its own.
struct Chain {
  std::vector<uint32_t> units;
  std::string texts = std::string("b\0", 2);

  explicit Chain(uint32_t letters) {
    for (uint32_t place = 0; place < 256 * (letters + 2); ++place) units.push_back((place ^ 1) & 0xFF);  // in no use
    units[0] = jump(0, 256);
    for (uint32_t node = 1; node <= letters; ++node) {
      units[letter(node)] = jump(letter(node), 256 * (node + 1)) | 'a' | 0x100;
      units[256 * (node + 1)] = 0x8000'0000;  // the text's offset
    }
  }
  static uint32_t letter(uint32_t node) { return 256 * node + 'a'; }
  static uint32_t jump(uint32_t from, uint32_t to) { return (from ^ to) << 10; }

  /// The fault of a model whose field `number` is a normalizer with this table.
  std::string fault(char number = 3) const {
    std::string trie;
    for (const uint32_t unit : units) trie += as_bytes(unit);
    return fault_of(as_bytes(static_cast<uint32_t>(trie.size())) + trie + texts, number);
  }
  static std::string field(char number, const std::string& bytes) {
    const auto size = static_cast<uint32_t>(bytes.size());
    std::string key(1, static_cast<char>(number << 3 | 2));
    for (int shift = 0; shift < 21; shift += 7)
      key += static_cast<char>((size >> shift & 0x7F) | (shift < 14 ? 0x80 : 0));
    return key + bytes;
  }
  static std::string fault_of(const std::string& table, char number = 3) {
    return sentence_piece_fault(field(1, "piece") + field(number, field(1, "name") + field(2, table)));
  }
};

constexpr const char* kDamaged = "normalizer_spec: precompiled_charsmap: is damaged";

TEST(SentencePieceCheck, TakesASoundTable) {
  EXPECT_EQ(Chain(1).fault(), "");
  EXPECT_EQ(Chain(32).fault(), "");
  EXPECT_EQ(Chain::fault_of(""), "") << "no table";
}

TEST(SentencePieceCheck, RefusesATableThatLeadsOutOfBounds) {
  Chain chain(2);
  chain.units.resize(chain.units.size() - 1);
  EXPECT_EQ(chain.fault(), kDamaged);
  EXPECT_EQ(chain.fault(5), "denormalizer_spec: precompiled_charsmap: is damaged");
  chain = Chain(2);
  chain.units[512] = 0x8000'0002;
  EXPECT_EQ(chain.fault(), kDamaged) << "a text behind the last one";
  chain = Chain(2);
  chain.texts = "b";
  EXPECT_EQ(chain.fault(), kDamaged) << "a text without an end";
  for (const char* table : {"abc", "\xFF\xFF\xFF\x7F...", "\4\1\1\1...."}) EXPECT_EQ(Chain::fault_of(table), kDamaged);
  EXPECT_EQ(Chain::fault_of(std::string(8, '\0')), kDamaged) << "a trie without units";
}

TEST(SentencePieceCheck, RefusesMoreResultsThanTheLibraryHasRoomFor) {
  EXPECT_EQ(Chain(33).fault(), kDamaged);
  Chain circle(2);
  circle.units[Chain::letter(2)] = Chain::jump(Chain::letter(2), 512) | 'a' | 0x100;
  EXPECT_EQ(circle.fault(), kDamaged);
}

TEST(SentencePieceCheck, RefusesADamagedMessage) {
  for (const char* model :
       {"\x0A", "\x0A\x05", "\x0B", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", "\x1D..", "\x08\x80"})
    EXPECT_EQ(sentence_piece_fault(model), "is no SentencePiece model");
  EXPECT_EQ(sentence_piece_fault("\x1A\x02\x0A\x05"), kDamaged) << "within the normalizer";
}

}  // namespace
}  // namespace hiddenkey
