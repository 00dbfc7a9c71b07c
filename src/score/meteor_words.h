#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "score/stem.h"
#include "score/token_corpus.h"
#include "score/wordnet.h"

namespace hiddenkey {

/// What METEOR knows of a word.
struct MeteorWord {
  std::string text, stem;
  std::vector<std::uint64_t> synsets;  ///< sorted
  bool is_function = false;            ///< above one in a thousand of running English text
};

/// METEOR's stages: how words match.
enum class MeteorStage : unsigned char { kExact, kStem, kSynonym, kParaphrase };

/// Whether two words match at a stage of single words. The later ones are of words that are not the same.
bool matches(const MeteorWord& a, const MeteorWord& b, MeteorStage stage);

/// Parts texts by the caller's tokenizer and METEOR's normaliser, and looks each word and each text up once. Pointers
/// stay valid as long as this lives.
class MeteorLexicon {
 public:
  MeteorLexicon(Tokenize tokenize, const WordNet& wordnet) : tokenize_(std::move(tokenize)), wordnet_(wordnet) {}

  const std::vector<const MeteorWord*>& words(const std::string& text);

 private:
  const MeteorWord* word(const std::string& text);

  Tokenize tokenize_;
  const WordNet& wordnet_;
  Stemmer stemmer_;
  std::unordered_map<std::string, MeteorWord> words_;
  std::unordered_map<std::string, std::vector<const MeteorWord*>> texts_;
};

}  // namespace hiddenkey
