#include "score/meteor_words.h"

#include <unordered_set>

#include "score/meteor_normalizer.h"

namespace hiddenkey {
namespace {

/// What METEOR takes for function words: above one in a thousand in its authors' corpus.
bool is_function_word(const std::string& word) {
  static const std::unordered_set<std::string> kWords = {
      "\"",    "$",     "'",    "(",      ")",    ",",     "-",     "--",    ".",     ":",     "?",     "—",
      "’",     "“",     "”",    "'s",     "'t",   "-lrb-", "-rrb-", "a",     "about", "after", "all",   "also",
      "an",    "and",   "are",  "as",     "at",   "be",    "been",  "but",   "by",    "can",   "could", "first",
      "for",   "from",  "had",  "has",    "have", "he",    "her",   "his",   "i",     "if",    "in",    "into",
      "is",    "it",    "its",  "last",   "more", "new",   "no",    "not",   "of",    "on",    "one",   "or",
      "other", "out",   "over", "people", "s",    "said",  "she",   "so",    "some",  "than",  "that",  "the",
      "their", "there", "they", "this",   "time", "to",    "two",   "up",    "was",   "we",    "were",  "what",
      "when",  "which", "who",  "will",   "with", "would", "year",  "years", "you"};
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

bool matches(const MeteorWord& a, const MeteorWord& b, MeteorStage stage) {
  if (stage == MeteorStage::kExact) return a.text == b.text;
  if (a.text == b.text) return false;
  return stage == MeteorStage::kStem ? a.stem == b.stem : share_one(a.synsets, b.synsets);
}

const MeteorWord* MeteorLexicon::word(const std::string& text) {
  const auto [place, is_new] = words_.try_emplace(text);
  if (is_new) place->second = {text, stemmer_.stem(text), wordnet_.synsets(text), is_function_word(text)};
  return &place->second;
}

const std::vector<const MeteorWord*>& MeteorLexicon::words(const std::string& text) {
  const auto [place, is_new] = texts_.try_emplace(text);
  if (is_new) {
    for (const std::string& token : meteor_normalized(tokenize_(text))) place->second.push_back(word(token));
  }
  return place->second;
}

}  // namespace hiddenkey
