#pragma once

#include <string_view>

/// The classes of characters that the rules of the Treebank's tokenizer are made of. A position beyond the end of the
/// text is a line break there.
namespace hiddenkey::ptb {

bool is_letter(char16_t c);  ///< with the soft hyphen and combining marks
bool is_digit(char16_t c);
bool is_alphanumeric(char16_t c);
bool is_ascii_letter(char16_t c);
bool is_ascii_alphanumeric(char16_t c);
bool is_space(char16_t c);  ///< but no line break
bool is_single_quote(char16_t c);
bool is_quote(char16_t c);   ///< what may stand alone as a quote, once or twice
bool is_symbol(char16_t c);  ///< what is a token by itself
bool is_one_of(char16_t c, std::u16string_view set);

/// The character at `i`, or a line break where the text has ended.
inline char16_t at(std::u16string_view text, std::size_t i) { return i < text.size() ? text[i] : u'\n'; }

/// `text` at `i` begins with `word`, which is given in lower case, in any case of letters.
bool starts(std::u16string_view text, std::size_t i, std::u16string_view word);

}  // namespace hiddenkey::ptb
