#pragma once

#include <string>
#include <vector>

namespace hiddenkey {

/// How a text is cut into words before byte-level BPE: by regular expressions, one after the other, then as it says.
struct GgufWords {
  std::vector<const char*> regexes = {};
  bool digits_alone = false;   ///< each number character is a word
  bool gpt2_words = false;     ///< by GPT-2's expression, at the end
  bool nfc = false;            ///< the text is composed first
  bool ignore_merges = false;  ///< a word that is a token as a whole is taken as it is
  bool add_bos = false;        ///< where the file does not say
};

/// What llama.cpp means by a name in tokenizer.ggml.pre; ModelError for one whose rule we do not have.
const GgufWords& gguf_words(const std::string& pre);

}  // namespace hiddenkey
