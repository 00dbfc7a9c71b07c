#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hiddenkey {

/// Cuts a text into parts that no token crosses; together they are the whole text, or all of it but its white space.
class Cutter {
 public:
  virtual ~Cutter() = default;
  virtual void cut(std::u32string_view text, std::vector<std::u32string_view>& parts) const = 0;
};

/// Each match of a regular expression (ICU's) is a part, and so is what stands between two.
/// ModelError where the expression is malformed; `source` names where it stands.
std::unique_ptr<const Cutter> regex_cutter(const std::string& pattern, const std::string& source);
/// Numbers apart from other characters, each digit on its own or not.
std::unique_ptr<const Cutter> digit_cutter(bool individual);
/// Words between white space, which is left out.
std::unique_ptr<const Cutter> space_cutter();

/// The parts that are left after each cutter has cut what those before it left.
std::vector<std::u32string_view> cut_by(std::u32string_view text,
                                        const std::vector<std::unique_ptr<const Cutter>>& cutters);

/// SentencePiece's way with spaces: a visible mark instead of each, and one before the text.
struct Metaspace {
  enum class Prepend { kAlways, kFirst, kNever };
  char32_t mark = U'\u2581';
  Prepend prepend = Prepend::kAlways;  ///< kFirst: only at the beginning of the whole text
  bool split = true;                   ///< a word begins at each mark

  std::u32string apply(std::u32string_view text, bool at_start) const;
  std::vector<std::u32string_view> words(std::u32string_view marked) const;
};

/// Expressions that cut the words of known families.
inline constexpr char kLlama3Words[] =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
inline constexpr char kQwen2Words[] =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

}  // namespace hiddenkey
