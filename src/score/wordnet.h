#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/file.h"

namespace hiddenkey {

/// WordNet's sets of synonyms, of single words in lower case.
class WordNet {
 public:
  /// Reads index.* and *.exc of Debian's wordnet-base. ConfigError where they are missing.
  explicit WordNet(const fs::path& folder);

  /// The synsets of a word and of its base forms, sorted: those that the exception lists have for it, or else the first
  /// that a rule of morphy(7WN) makes of it and WordNet has. Empty for a word that is not there.
  std::vector<std::uint64_t> synsets(const std::string& word) const;

 private:
  void read_index(const fs::path& path, std::uint64_t part_of_speech);
  void read_exceptions(const fs::path& path);
  std::string base_by_rule(const std::string& word) const;

  std::unordered_map<std::string, std::vector<std::uint64_t>> synsets_;
  std::unordered_map<std::string, std::vector<std::string>> bases_;
};

/// The one that lies with the program (share/hiddenkey/wordnet), or that the distribution installs; read when it is
/// first asked for.
const WordNet& installed_wordnet();

}  // namespace hiddenkey
