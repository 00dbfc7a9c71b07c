#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace hiddenkey {

/// Byte-level BPE: the characters that stand for bytes become bytes again; broken UTF-8 becomes U+FFFD.
struct ByteLevelDecoder {
  std::vector<std::string> apply(const std::vector<std::string>& tokens) const;
};

/// WordPiece: a space before each token that begins a word, and, with `cleanup`, none before English punctuation.
struct WordPieceDecoder {
  std::string prefix = "##";
  bool cleanup = true;
  std::vector<std::string> apply(std::vector<std::string> tokens) const;
};

/// Replaces each occurrence within a token; the pattern is not empty. Of tokens that become longer than `most`
/// together, only those of the beginning.
struct ReplaceDecoder {
  std::string pattern, content;
  std::vector<std::string> apply(std::vector<std::string> tokens, std::size_t most) const;
};

/// Runs of byte tokens as "<0x0A>" become their characters, or one U+FFFD for each byte where they are none.
struct ByteFallbackDecoder {
  std::vector<std::string> apply(const std::vector<std::string>& tokens) const;
};

/// All tokens become one.
struct FuseDecoder {
  std::vector<std::string> apply(const std::vector<std::string>& tokens) const;
};

/// Takes up to so many occurrences of a character (the content) from each token's beginning and end.
struct StripDecoder {
  std::string content;
  std::size_t start = 0, stop = 0;
  std::vector<std::string> apply(std::vector<std::string> tokens) const;
};

/// The mark becomes a space, or nothing in the first token where the mark was prepended.
struct MetaspaceDecoder {
  std::string mark;
  bool prepended = true;
  std::vector<std::string> apply(std::vector<std::string> tokens) const;
};

/// Tokens to text: one step after the other, then joined; without a step, joined with spaces.
class Decoder {
 public:
  using Step = std::variant<ByteLevelDecoder, WordPieceDecoder, ReplaceDecoder, ByteFallbackDecoder, FuseDecoder,
                            StripDecoder, MetaspaceDecoder>;

  explicit Decoder(std::string source = "the tokenizer's decoder") : source_(std::move(source)) {}  ///< for messages

  void add(Step step) { steps_.push_back(std::move(step)); }
  /// ModelError where the text grows beyond longest_result (growth.h).
  std::string decode(std::vector<std::string> tokens) const;

 private:
  std::string source_;
  std::vector<Step> steps_;
};

/// LLaMA's: marks to spaces, bytes to characters; without the first space if a text is given one.
Decoder llama_decoder(bool prefix_space);

/// No space before English punctuation and contractions, in the text as a whole (clean_up_tokenization_spaces).
void add_clean_up(Decoder& decoder);

}  // namespace hiddenkey
