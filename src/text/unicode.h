#pragma once

#include <string>
#include <string_view>

/// Code points and their properties, from ICU.
namespace hiddenkey {

/// Invalid UTF-8 becomes U+FFFD, one for each maximal part of a character (Unicode 15, chapter 3.9).
std::u32string decode_utf8(std::string_view bytes);
void append_utf8(std::string& out, char32_t c);
std::string encode_utf8(std::u32string_view text);

bool is_space(char32_t c);   ///< White_Space
bool is_letter(char32_t c);  ///< L
bool is_number(char32_t c);  ///< N
bool is_word(char32_t c);    ///< what a regex's \w matches

// As of Unicode 8: what the reference of BERT's normaliser knows.
bool is_punctuation(char32_t c);  ///< P
bool is_nonspacing(char32_t c);   ///< Mn
bool is_other(char32_t c);        ///< Cc, Cf, Co

/// Canonical decomposition.
std::u32string to_nfd(std::u32string_view text);
/// Canonical composition.
std::u32string to_nfc(std::u32string_view text);
/// Each character's own lower case, without regard to its neighbours.
std::u32string to_lower(std::u32string_view text);

}  // namespace hiddenkey
