#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hiddenkey {

/// BERT's normaliser, as Hugging Face's `tokenizers` has it.
struct BertNormalizer {
  bool clean_text = true;
  bool handle_chinese_chars = true;
  bool strip_accents = true;
  bool lowercase = true;

  std::u32string normalize(std::u32string_view text) const;
};

/// Words: split at white space, with each punctuation mark on its own.
std::vector<std::u32string_view> bert_words(std::u32string_view text);

}  // namespace hiddenkey
