#include "score/ngrams.h"

#include <algorithm>

namespace hiddenkey {

std::size_t NgramHash::operator()(const Ngram& ngram) const {
  std::uint64_t hash = ngram.size;
  for (std::size_t i = 0; i < ngram.size; ++i) {
    hash = (hash ^ ngram.tokens[i]) * 0x9E3779B97F4A7C15U;
    hash ^= hash >> 29;
  }
  return hash;
}

NgramCounts count_ngrams(const Tokens& tokens, std::size_t longest) {
  NgramCounts counts;
  counts.reserve(tokens.size() * longest);
  for (std::size_t begin = 0; begin < tokens.size(); ++begin) {
    Ngram ngram;
    while (ngram.size < longest && begin + ngram.size < tokens.size()) {
      ngram.tokens[ngram.size] = tokens[begin + ngram.size];
      ++ngram.size;
      ++counts[ngram];
    }
  }
  return counts;
}

NgramCounts most_in_one(const std::vector<Tokens>& references, std::size_t longest) {
  NgramCounts most;
  for (const Tokens& reference : references) {
    for (const auto& [ngram, count] : count_ngrams(reference, longest)) {
      int& value = most[ngram];
      value = std::max(value, count);
    }
  }
  return most;
}

}  // namespace hiddenkey
