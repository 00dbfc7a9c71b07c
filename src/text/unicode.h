#pragma once

#include <string>
#include <string_view>

/// Code points and their properties, from ICU, and from unicode_differences.h where `tokenizers` sees them otherwise.
namespace hiddenkey {

/// Invalid UTF-8 becomes U+FFFD, one for each maximal part of a character (Unicode 15, chapter 3.9).
std::u32string decode_utf8(std::string_view bytes);
void append_utf8(std::string& out, char32_t c);
std::string encode_utf8(std::u32string_view text);

bool is_space(char32_t c);  ///< White_Space

// What a regular expression matches.
bool is_letter(char32_t c);  ///< \p{L}
bool is_number(char32_t c);  ///< \p{N}
bool is_word(char32_t c);    ///< \w
/// A character that ICU's regular expressions match where the reference's match `c`.
char32_t as_regexes_see(char32_t c);

/// A character that ICU joins to its neighbours where the reference joins `c`.
char32_t as_graphemes_see(char32_t c);

bool is_numeric(char32_t c);  ///< N of the newest Unicode: what the step Digits cuts

// As of Unicode 8: what the reference of BERT's normaliser knows.
bool is_punctuation(char32_t c);  ///< P
bool is_nonspacing(char32_t c);   ///< Mn
bool is_other(char32_t c);        ///< Cc, Cf, Co

// What came after Unicode 9 stays as it is.
/// Canonical decomposition.
std::u32string to_nfd(std::u32string_view text);
/// Canonical composition.
std::u32string to_nfc(std::u32string_view text);
/// Each character's own lower case, without regard to its neighbours.
std::u32string to_lower(std::u32string_view text);
/// The same of UTF-8.
std::string to_lower_utf8(std::string_view text);

}  // namespace hiddenkey
