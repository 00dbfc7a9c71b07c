#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace hiddenkey {

/// A stretch of words that names one thing.
struct Entity {
  std::size_t first = 0, last = 0;  ///< words
  std::size_t type = 0;             ///< its place among EntityTags::types
  // Clang's own code compares with 0.
  auto operator<=>(const Entity&) const = default;  // NOLINT(modernize-use-nullptr)
};

/// Reads entities from tags such as B-PER, I-PER and O as seqeval's default mode does, which is conlleval's: tags of
/// IOB1, IOB2, IOE2 and IOBES, and sequences that break these schemes. An I- or E- that follows no tag of its type
/// begins an entity. Tags of BILOU are read by the same rules, where L- and U- have no meaning: an entity is then
/// parted from the next one only by its type or by a B-.
class EntityTags {
 public:
  /// The tags that sequences name by their numbers.
  explicit EntityTags(const std::vector<std::string>& tags);

  /// What tags say behind their first hyphen, sorted; "_" where they say nothing.
  const std::vector<std::string>& types() const { return types_; }
  /// The tags that begin with none of B-, I-, E- and S- and are no O: their entities may mean little.
  const std::vector<std::string>& unusual() const { return unusual_; }

  /// The entities of one sequence of tags, in order.
  std::vector<Entity> entities(const std::vector<int>& sequence) const;

 private:
  struct Tag {
    char32_t prefix = U'O';
    std::size_t type = 0;
  };
  static bool ends(const Tag& before, const Tag& tag);
  static bool begins(const Tag& before, const Tag& tag);

  std::vector<std::string> types_, unusual_;
  std::vector<Tag> tags_;
  Tag outside_;
};

}  // namespace hiddenkey
