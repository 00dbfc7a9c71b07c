#include "score/chrf.h"

#include <algorithm>
#include <array>
#include <memory>

#include "score/ngrams.h"
#include "score/words.h"
#include "text/unicode.h"

namespace hiddenkey {
namespace {

constexpr std::size_t kCharacters = 6, kWords = 2, kOrders = kCharacters + kWords;

/// Sums over segments give the corpus' score; an entry for each length of characters' n-grams, then of words'.
struct ChrfCounts {
  std::array<int64_t, kOrders> hypothesis{}, reference{}, matches{};

  void add(const ChrfCounts& other) {
    for (std::size_t n = 0; n < kOrders; ++n) {
      hypothesis[n] += other.hypothesis[n];
      reference[n] += other.reference[n];
      matches[n] += other.matches[n];
    }
  }
};

bool is_ascii_mark(char32_t c) {
  return (c >= U'!' && c <= U'/') || (c >= U':' && c <= U'@') || (c >= U'[' && c <= U'`') || (c >= U'{' && c <= U'~');
}

/// A text's characters as numbers, and its words.
struct Spelled {
  NgramCounts characters, words;
};

class Speller {
 public:
  Spelled spell(const std::string& text) {
    Tokens characters, words;
    for (const std::string& bytes : blank_separated(text)) {
      const std::u32string word = decode_utf8(bytes);
      characters.insert(characters.end(), word.begin(), word.end());
      add_word(word, words);
    }
    return {count_ngrams(characters, kCharacters), count_ngrams(words, kWords)};
  }

 private:
  /// The mark at the end goes before the one at the front: of "(hi)" only the last is cut.
  void add_word(const std::u32string& word, Tokens& words) {
    std::size_t cut = 0;
    if (word.size() > 1 && is_ascii_mark(word.back())) {
      cut = word.size() - 1;
    } else if (word.size() > 1 && is_ascii_mark(word.front())) {
      cut = 1;
    }
    if (cut > 0) words.push_back(number(word.substr(0, cut)));
    words.push_back(number(word.substr(cut)));
  }

  std::uint32_t number(const std::u32string& word) {
    return numbers_.emplace(word, static_cast<std::uint32_t>(numbers_.size())).first->second;
  }

  std::unordered_map<std::u32string, std::uint32_t> numbers_;
};

void count(const NgramCounts& hypothesis, const NgramCounts& reference, std::size_t first, ChrfCounts& counts) {
  for (const auto& [ngram, times] : reference) counts.reference[first + ngram.size - 1] += times;
  for (const auto& [ngram, times] : hypothesis) {
    const std::size_t order = first + ngram.size - 1;
    if (counts.reference[order] == 0) continue;
    counts.hypothesis[order] += times;
    const auto found = reference.find(ngram);
    if (found != reference.end()) counts.matches[order] += std::min(times, found->second);
  }
}

double f_score(const ChrfCounts& counts) {
  constexpr double kBetaSquared = 4;
  double precision = 0, recall = 0;
  int orders = 0;
  for (std::size_t n = 0; n < kOrders; ++n) {
    if (counts.hypothesis[n] == 0 || counts.reference[n] == 0) continue;
    precision += static_cast<double>(counts.matches[n]) / static_cast<double>(counts.hypothesis[n]);
    recall += static_cast<double>(counts.matches[n]) / static_cast<double>(counts.reference[n]);
    ++orders;
  }
  if (precision + recall == 0) return 0;
  precision /= orders;
  recall /= orders;
  return 100 * (1 + kBetaSquared) * precision * recall / (kBetaSquared * precision + recall);
}

ChrfCounts count_segment(const Segment& segment, Speller& speller) {
  const Spelled hypothesis = speller.spell(segment.hypothesis);
  ChrfCounts best;
  double best_score = -1;
  for (const std::string& text : segment.references) {
    const Spelled reference = speller.spell(text);
    ChrfCounts counts;
    count(hypothesis.characters, reference.characters, 0, counts);
    count(hypothesis.words, reference.words, kCharacters, counts);
    const double score = f_score(counts);
    if (score <= best_score) continue;
    best_score = score;
    best = counts;
  }
  return best;
}

}  // namespace

Metric chrf_plus_plus(const std::vector<Segment>& segments) {
  Speller speller;
  const auto counts = std::make_shared<std::vector<ChrfCounts>>();
  for (const Segment& segment : segments) counts->push_back(count_segment(segment, speller));
  Metric metric;
  metric.name = "chrF++";
  metric.over = [counts](std::span<const std::size_t> chosen) {
    ChrfCounts sum;
    for (const std::size_t segment : chosen) sum.add((*counts)[segment]);
    return f_score(sum);
  };
  return metric;
}

}  // namespace hiddenkey
