#include "score/stem.h"

#include <libstemmer.h>

#include "core/error.h"

namespace hiddenkey {

Stemmer::Stemmer() : stemmer_(sb_stemmer_new("english", nullptr), sb_stemmer_delete) {
  if (stemmer_ == nullptr) throw ConfigError("libstemmer has no stemmer \"english\"");
}

std::string Stemmer::stem(const std::string& word) const {
  const auto* bytes = reinterpret_cast<const sb_symbol*>(word.data());
  const sb_symbol* stemmed = sb_stemmer_stem(stemmer_.get(), bytes, static_cast<int>(word.size()));
  if (stemmed == nullptr) return word;
  return {reinterpret_cast<const char*>(stemmed), static_cast<std::size_t>(sb_stemmer_length(stemmer_.get()))};
}

}  // namespace hiddenkey
