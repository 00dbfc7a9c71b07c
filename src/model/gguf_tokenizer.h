#pragma once

#include <string>

#include "text/gguf_vocabulary.h"

namespace hiddenkey {

/// The tokenizer.json and tokenizer_config.json of a byte-level vocabulary out of a GGUF file.
struct TokenizerFiles {
  std::string tokenizer, config;
};

/// ModelError for a vocabulary of another kind ("llama"), which only the GGUF file itself can hold.
TokenizerFiles tokenizer_files_of(const GgufVocabulary& vocabulary, const std::string& source);

}  // namespace hiddenkey
