#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "text/bert_text.h"
#include "text/charsmap.h"

namespace hiddenkey {

/// Canonical composition.
struct NfcNormalizer {
  std::u32string normalize(std::u32string_view text) const;
};

/// Puts something before a text that is not empty.
struct PrependNormalizer {
  std::u32string prefix;
  std::u32string normalize(std::u32string_view text) const;
};

/// Replaces each occurrence, from the left; the pattern is not empty. Of a result that is longer than `most`, only a
/// beginning that is longer too.
struct ReplaceNormalizer {
  std::u32string pattern, content;
  std::u32string normalize(std::u32string_view text, std::size_t most) const;
};

/// SentencePiece's compiled table as `tokenizers` applies it: to each character as a reader sees it where that is
/// short, of which it may replace the whole by what its beginning becomes; else to each code point. Of a result that is
/// longer than `most`, only a beginning that is longer too.
struct CharsmapNormalizer {
  Charsmap charsmap;
  std::u32string normalize(std::u32string_view text, std::size_t most) const;
};

/// Takes the white space from the end.
struct StripEndNormalizer {
  std::u32string normalize(std::u32string_view text) const;
};

/// Replaces each run of two or more spaces.
struct SpaceRunNormalizer {
  std::u32string content;
  std::u32string normalize(std::u32string_view text) const;
};

/// What is done to a text before it is cut into words: one step after the other.
class Normalizer {
 public:
  using Step = std::variant<BertNormalizer, NfcNormalizer, PrependNormalizer, ReplaceNormalizer, CharsmapNormalizer,
                            StripEndNormalizer, SpaceRunNormalizer>;

  explicit Normalizer(std::string source) : source_(std::move(source)) {}  ///< where the steps stand, for messages

  void add(Step step) { steps_.push_back(std::move(step)); }
  /// ModelError where the text grows beyond longest_result (growth.h).
  std::u32string normalize(std::u32string_view text) const;

 private:
  std::string source_;
  std::vector<Step> steps_;
};

}  // namespace hiddenkey
