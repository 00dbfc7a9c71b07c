#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "score/token_corpus.h"

namespace hiddenkey {

/// Up to five tokens that stand one after the other.
struct Ngram {
  std::size_t size = 0;
  std::array<std::uint32_t, 5> tokens{};

  bool operator==(const Ngram&) const = default;
};

struct NgramHash {
  std::size_t operator()(const Ngram& ngram) const;
};

template <class Value>
using NgramMap = std::unordered_map<Ngram, Value, NgramHash>;
using NgramCounts = NgramMap<int>;

/// How often each n-gram of 1 to `longest` tokens stands in a text.
NgramCounts count_ngrams(const Tokens& tokens, std::size_t longest);
/// For each n-gram of the references the count of the one that has it most often.
NgramCounts most_in_one(const std::vector<Tokens>& references, std::size_t longest);

}  // namespace hiddenkey
