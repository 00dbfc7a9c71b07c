#pragma once

#include "text/tokenizer.h"

namespace hiddenkey::fuzz {

/// Encodes and decodes a few texts.
inline void use_tokenizer(const Tokenizer& tokenizer) {
  for (const char* text : {"", "a", "The cat's 12 e\u0301ggs, <s> not\u00A0here!\n\n \xF0\x9F\x98\x80 \xFF",
                           "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"}) {
    const Encoding encoding = tokenizer.encode(text, text, 16);
    tokenizer.decode(tokenizer.encode_plain(text), false);
    tokenizer.decode(encoding.ids, true);
  }
}

}  // namespace hiddenkey::fuzz
