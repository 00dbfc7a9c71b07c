#pragma once

#include <cstddef>
#include <string_view>

/// The shapes of words and numbers that the Treebank's tokenizer knows. Each gives the end of what it matches at `i`,
/// or 0 where it does not match: nothing ends at 0.
namespace hiddenkey::ptb {

/// As many characters as belong; `i` where none does.
std::size_t run(std::u16string_view text, std::size_t i, bool (*belongs)(char16_t));

std::size_t word(std::u16string_view text, std::size_t i);             ///< with a stop between letters: food.It
std::size_t clitic(std::u16string_view text, std::size_t i);           ///< 's 'm 'd 're 've 'll
std::size_t negation(std::u16string_view text, std::size_t i);         ///< the n't of don't
std::size_t negated(std::u16string_view text, std::size_t i);          ///< the do of don't
std::size_t apostrophe_word(std::u16string_view text, std::size_t i);  ///< l'eau, n'est, Shi'ite, O'Reilly, 'em, '90s
std::size_t number(std::u16string_view text, std::size_t i);           ///< 5 -3.5 1,000 12:30 .5
std::size_t thing(std::u16string_view text, std::size_t i);            ///< letters and digits, hyphens, d'Or
std::size_t acronym(std::u16string_view text, std::size_t i);          ///< U.S. with its last period
std::size_t hyphenated(std::u16string_view text, std::size_t i);       ///< in ASCII: 3.5-inch, U.S.-based, non-U.S.
std::size_t slashed(std::u16string_view text, std::size_t i);          ///< in ASCII: and/or, 24/7, a-b/c
std::size_t joined_capitals(std::u16string_view text, std::size_t i);  ///< AT&T

}  // namespace hiddenkey::ptb
