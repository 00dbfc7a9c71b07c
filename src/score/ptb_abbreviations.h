#pragma once

#include <string_view>

namespace hiddenkey {

/// How the Penn Treebank's tokenizer takes a period after a short form.
enum class Abbreviation {
  kNone,
  kBeforeLower,   ///< "etc.": at the end of a sentence the period stands for both, and is given twice
  kBeforeUpper,   ///< "Mr.": never ends a sentence
  kBeforeNumber,  ///< "fig.": only before a digit
};

/// The kind of the short form `word`, given without its period as it stands in the text.
Abbreviation abbreviation_of(std::u16string_view word);

}  // namespace hiddenkey
