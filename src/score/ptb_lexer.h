#pragma once

#include <cstddef>
#include <string_view>

namespace hiddenkey {

/// What the tokenizer does with a piece of text, beyond giving it in lower case.
enum class PtbKind {
  kPlain,        ///< given as it is
  kAddress,      ///< the same, with SGML entities
  kQuote,        ///< a quote or clitic, in LaTeX's quotes
  kOpenQuote,    ///< the same, and probably an opening one
  kCurrency,     ///< a sign that the Treebank has another for
  kFraction,     ///< one character
  kDash,         ///< "--"
  kEllipsis,     ///< "..."
  kBracket,      ///< -LRB- and its like
  kWithSpaces,   ///< its spaces become no-break spaces, its round brackets -LRB- and -RRB-
  kRepeatsStop,  ///< an abbreviation that ends a sentence: its period is a token again
  kNothing,      ///< space, or a character that the tokenizer does not know
};

struct PtbPiece {
  std::size_t length = 1;
  PtbKind kind = PtbKind::kNothing;
};

/// The piece that begins at `at`: of all rules the one that matches most of the text, with what it has to see behind
/// the piece; of equal ones the first.
PtbPiece next_ptb_piece(std::u16string_view text, std::size_t at);

}  // namespace hiddenkey
