#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hiddenkey {

/// SentencePiece's compiled table of what texts become before they are cut (precompiled_charsmap): the size of a trie,
/// the trie (a double array of the library Darts-clone), and the texts that its leaves point to.
class Charsmap {
 public:
  /// ModelError where the table is damaged; `source` names where it stands.
  Charsmap(std::string_view table, const std::string& source);

  /// What the shortest beginning of a text that the table knows becomes; nothing where it knows none.
  std::optional<std::string_view> find(std::string_view text) const;

 private:
  std::vector<uint32_t> units_;
  std::string texts_;
};

/// Whether every search in a table stays within its bounds, and finds no more than the sentencepiece library has room
/// for. An empty table is sound.
bool is_sound_charsmap(std::string_view table);

}  // namespace hiddenkey
