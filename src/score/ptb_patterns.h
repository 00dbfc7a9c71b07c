#pragma once

#include <cstddef>
#include <string_view>

/// The rarer rules of the Treebank's tokenizer. Each gives the end of what it matches at `i`, or 0.
namespace hiddenkey::ptb {

std::size_t tag(std::u16string_view text, std::size_t i);            ///< <b class="x">
std::size_t dash(std::u16string_view text, std::size_t i);           ///< an en or em dash
std::size_t address(std::u16string_view text, std::size_t i);        ///< of the web, of mail, @name, #topic
std::size_t superscripts(std::u16string_view text, std::size_t i);   ///< or subscripts
std::size_t fraction(std::u16string_view text, std::size_t i);       ///< 1/2, "1 1/2", 12/05/2014
std::size_t phone(std::u16string_view text, std::size_t i);          ///< a telephone number
std::size_t smiley(std::u16string_view text, std::size_t i);         ///< :-)
std::size_t file_name(std::u16string_view text, std::size_t i);      ///< 3.pdf
std::size_t treebank_word(std::u16string_view text, std::size_t i);  ///< what the Treebank has as one word: pro-, c'est

/// The end of the context " The " behind an acronym that ends at `i`: a word that mostly begins a sentence.
std::size_t sentence_opener(std::u16string_view text, std::size_t i);

}  // namespace hiddenkey::ptb
