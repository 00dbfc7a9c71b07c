#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/file.h"

namespace hiddenkey {

/// METEOR's table of paraphrases, such as its data/paraphrase-en.gz: three lines an entry, its probability, a phrase,
/// and what the phrase may be said as. A table has millions of entries, so those of known words alone are kept.
class Paraphrases {
 public:
  /// IoError or DataError where the file's first entry cannot be read.
  explicit Paraphrases(fs::path file);

  /// Reads the entries that are made of these words and of those asked for before. IoError, or DataError with the line,
  /// where the file is none.
  void cover(const std::unordered_set<std::string>& words);

  /// A word's number; a word that no paraphrase has is kNoWord.
  static constexpr std::uint32_t kNoWord = ~std::uint32_t{0};
  std::uint32_t number(const std::string& word) const;
  using Phrase = std::vector<std::uint32_t>;  ///< numbers of words
  /// What the phrase, its words parted by one blank, may be said as, in the table's order.
  const std::vector<Phrase>& of(const std::string& phrase) const;
  std::size_t longest() const { return longest_; }  ///< words of the longest phrase

 private:
  bool is_covered(std::string_view phrase) const;
  void add(std::string_view phrase, std::string_view paraphrase);

  fs::path file_;
  std::unordered_set<std::string> words_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::unordered_map<std::string, std::vector<Phrase>> table_;
  std::size_t longest_ = 0;
};

}  // namespace hiddenkey
