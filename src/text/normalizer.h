#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "text/bert_text.h"

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

/// Replaces each occurrence, from the left; the pattern is not empty.
struct ReplaceNormalizer {
  std::u32string pattern, content;
  std::u32string normalize(std::u32string_view text) const;
};

/// What is done to a text before it is cut into words: one step after the other.
class Normalizer {
 public:
  using Step = std::variant<BertNormalizer, NfcNormalizer, PrependNormalizer, ReplaceNormalizer>;

  void add(Step step) { steps_.push_back(std::move(step)); }
  std::u32string normalize(std::u32string_view text) const;

 private:
  std::vector<Step> steps_;
};

}  // namespace hiddenkey
