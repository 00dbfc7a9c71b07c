#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/vocabulary.h"

namespace hiddenkey {

/// SentencePiece's Unigram model (Kudo, 2018): of all ways to cut a word into pieces, the one whose scores have the
/// largest sum. Sums are counted as Hugging Face's `tokenizers` count them, in double precision and in its order, so
/// that of equally good ways the same is taken; the sentencepiece library counts in single precision.
class Unigram {
 public:
  int32_t unknown = 0;
  bool byte_fallback = false;  ///< unknown characters become tokens as "<0x0A>" where all are there

  /// The pieces, in the order of their ids.
  void add(std::string_view piece, double score);
  /// Takes the scores for decimals that Hugging Face's `tokenizers` reads from a file by itself: of two ways that are
  /// nearly as good as each other it can then take the other one. Called before finish.
  void read_scores_as_decimals();
  /// Called once when all pieces are there. ModelError where the pieces make no model; `source` names the file.
  void finish(const std::string& source);

  void encode(std::u32string_view word, const Vocabulary& vocabulary, std::vector<int32_t>& ids) const;

 private:
  struct Step;
  std::vector<Step> best_steps(std::string_view word) const;
  void add_unknown(std::string_view part, const Vocabulary& vocabulary, std::vector<int32_t>& ids) const;

  std::vector<std::string> pieces_;  ///< until they are in the trie
  std::vector<double> scores_;
  double unknown_score_ = 0;
  std::string trie_;  ///< ICU's BytesTrie: piece to id
};

}  // namespace hiddenkey
