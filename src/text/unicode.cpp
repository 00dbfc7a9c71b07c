#include "text/unicode.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uniset.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <span>

#include "core/utf8.h"
#include "text/unicode_differences.h"

namespace hiddenkey {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

UChar32 icu_char(char32_t c) { return static_cast<UChar32>(c); }
uint32_t category(char32_t c) { return U_MASK(u_charType(icu_char(c))); }

/// What stands for the character in a table of differences, or itself.
char32_t looked_up(char32_t c, std::span<const LikeRange> table) {
  const auto after =
      std::upper_bound(table.begin(), table.end(), c, [](char32_t wanted, const auto& r) { return wanted < r.first; });
  return after != table.begin() && c <= std::prev(after)->last ? std::prev(after)->like : c;
}

bool is_newer(char32_t c, uint8_t version) {
  UVersionInfo age;
  u_charAge(icu_char(c), age);
  return age[0] > version;
}

uint32_t regex_category(char32_t c) { return category(as_regexes_see(c)); }

/// Of Unicode 8; a newer character has none.
uint32_t bert_category(char32_t c) {
  constexpr uint8_t kVersion = 8;
  return is_newer(c, kVersion) ? 0 : category(looked_up(c, kInBert));
}

std::u32string normalized(const icu::Normalizer2& normalizer, std::u32string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const auto* data = reinterpret_cast<const UChar32*>(text.data());
  const icu::UnicodeString wide =
      normalizer.normalize(icu::UnicodeString::fromUTF32(data, static_cast<int32_t>(text.size())), status);
  std::u32string result(static_cast<std::size_t>(wide.countChar32()), U'\0');
  wide.toUTF32(reinterpret_cast<UChar32*>(result.data()), static_cast<int32_t>(result.size()), status);
  return result;
}

const icu::UnicodeSet& normalized_characters() {
  static const icu::UnicodeSet set = [] {
    UErrorCode status = U_ZERO_ERROR;
    icu::UnicodeSet made(icu::UnicodeString(kNormalizedAge), status);
    made.freeze();
    return made;
  }();
  return set;
}

char32_t lower(char32_t c) {
  for (const ShiftRange& range : kMoreLowerCases) {
    if (c < range.first) break;
    if (c <= range.last) return static_cast<char32_t>(static_cast<int32_t>(c) + range.by);
  }
  return static_cast<char32_t>(u_tolower(icu_char(c)));
}

}  // namespace

std::u32string decode_utf8(std::string_view bytes) {
  std::u32string text;
  text.reserve(bytes.size());
  for (std::size_t place = 0; place < bytes.size();) text += next_character(bytes, place).value_or(kReplacement);
  return text;
}

void append_utf8(std::string& out, char32_t c) {
  char bytes[U8_MAX_LENGTH];
  std::size_t size = 0;
  U8_APPEND_UNSAFE(bytes, size, c);
  out.append(bytes, size);
}

std::string encode_utf8(std::u32string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char32_t c : text) append_utf8(out, c);
  return out;
}

bool is_space(char32_t c) { return u_isUWhiteSpace(icu_char(c)) != 0; }
bool is_letter(char32_t c) { return (regex_category(c) & U_GC_L_MASK) != 0; }
bool is_number(char32_t c) { return (regex_category(c) & U_GC_N_MASK) != 0; }
bool is_numeric(char32_t c) { return is_number(c) || looked_up(c, kMoreNumbers) != c; }
bool is_punctuation(char32_t c) { return (bert_category(c) & U_GC_P_MASK) != 0; }
bool is_nonspacing(char32_t c) { return (bert_category(c) & U_GC_MN_MASK) != 0; }
bool is_other(char32_t c) { return (bert_category(c) & (U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CO_MASK)) != 0; }

bool is_word(char32_t c) {
  // Oniguruma counts the numbers of Latin-1 that are written small.
  const bool small = c == 0xB2 || c == 0xB3 || c == 0xB9 || (c >= 0xBC && c <= 0xBE);
  return small || u_hasBinaryProperty(icu_char(as_regexes_see(c)), UCHAR_ALPHABETIC) ||
         (regex_category(c) & (U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK)) != 0;
}

char32_t as_regexes_see(char32_t c) {
  constexpr uint8_t kVersion = 16;
  constexpr char32_t kUnassigned = 0x378;
  if (c < kInRegexes[0].first) return c;
  return is_newer(c, kVersion) ? kUnassigned : looked_up(c, kInRegexes);
}

char32_t as_graphemes_see(char32_t c) { return c < kInGraphemes[0].first ? c : looked_up(c, kInGraphemes); }

std::u32string to_nfd(std::u32string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  static const icu::FilteredNormalizer2 normalizer(*icu::Normalizer2::getNFDInstance(status), normalized_characters());
  return normalized(normalizer, text);
}

std::u32string to_nfc(std::u32string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  static const icu::FilteredNormalizer2 normalizer(*icu::Normalizer2::getNFCInstance(status), normalized_characters());
  return normalized(normalizer, text);
}

std::u32string to_lower(std::u32string_view text) {
  std::u32string result;
  for (const char32_t c : text) {
    // The one character whose simple mapping loses a part: I with a dot above.
    if (c == 0x130) {
      result += U"i\u0307";
    } else {
      result += lower(c);
    }
  }
  return result;
}

std::string to_lower_utf8(std::string_view text) { return encode_utf8(to_lower(decode_utf8(text))); }

}  // namespace hiddenkey
