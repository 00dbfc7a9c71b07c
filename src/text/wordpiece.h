#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/vocabulary.h"

namespace hiddenkey {

/// WordPiece (Schuster and Nakajima, 2012): the longest known beginning, again and again.
struct WordPiece {
  int32_t unknown = 0;
  std::string prefix = "##";
  std::size_t longest_word = 100;  ///< in characters; a longer word is unknown

  void encode(std::u32string_view word, const Vocabulary& vocabulary, std::vector<int32_t>& ids) const;
};

}  // namespace hiddenkey
