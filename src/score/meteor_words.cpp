#include "score/meteor_words.h"

#include <unordered_set>

namespace hiddenkey {
namespace {

bool is_function_word(const std::string& word) {
  static const std::unordered_set<std::string> kWords = {
      ",",    ".",      "\"",    "'",    "`",     "``",    "''",     "(",     ")",     "-",     ":",     ";",    "?",
      "!",    "--",     "$",     "%",    "a",     "about", "after",  "all",   "also",  "an",    "and",   "any",  "are",
      "as",   "at",     "be",    "been", "but",   "by",    "can",    "could", "do",    "first", "for",   "from", "had",
      "has",  "have",   "he",    "her",  "his",   "i",     "if",     "in",    "into",  "is",    "it",    "its",  "may",
      "more", "most",   "new",   "no",   "not",   "of",    "on",     "one",   "only",  "or",    "other", "our",  "out",
      "over", "people", "s",     "'s",   "said",  "she",   "should", "so",    "some",  "such",  "t",     "n't",  "than",
      "that", "the",    "their", "them", "there", "these", "they",   "this",  "time",  "to",    "two",   "up",   "was",
      "we",   "were",   "what",  "when", "which", "who",   "will",   "with",  "would", "year",  "years", "you",  "your",
  };
  return kWords.count(word) > 0;
}

bool share_one(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b) {
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i] == b[j]) return true;
    ++(a[i] < b[j] ? i : j);
  }
  return false;
}

}  // namespace

std::optional<MeteorStage> match(const MeteorWord& a, const MeteorWord& b) {
  if (a.text == b.text) return MeteorStage::kExact;
  if (a.stem == b.stem) return MeteorStage::kStem;
  if (share_one(a.synsets, b.synsets)) return MeteorStage::kSynonym;
  return std::nullopt;
}

const MeteorWord* MeteorLexicon::word(const std::string& text) {
  const auto [place, is_new] = words_.try_emplace(text);
  if (is_new) place->second = {text, stemmer_.stem(text), wordnet_.synsets(text), is_function_word(text)};
  return &place->second;
}

const std::vector<const MeteorWord*>& MeteorLexicon::words(const std::string& text) {
  const auto [place, is_new] = texts_.try_emplace(text);
  if (is_new) {
    for (const std::string& token : tokenize_(text)) place->second.push_back(word(token));
  }
  return place->second;
}

}  // namespace hiddenkey
