#include "text/unicode.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

namespace hiddenkey {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

UChar32 icu_char(char32_t c) { return static_cast<UChar32>(c); }
uint32_t category(char32_t c) { return U_MASK(u_charType(icu_char(c))); }

/// Of Unicode 8, whose tables the reference has for these properties; a newer character has none of them.
uint32_t old_category(char32_t c) {
  constexpr uint8_t kMajor = 8;
  UVersionInfo age;
  u_charAge(icu_char(c), age);
  return age[0] > kMajor ? 0 : category(c);
}

/// What a first byte promises: how many bytes follow, and the range of the first of them.
struct Lead {
  int following;
  unsigned char low, high;
};

Lead lead_of(unsigned char byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return {1, 0x80, 0xBF};
  if (byte == 0xE0) return {2, 0xA0, 0xBF};
  if (byte == 0xED) return {2, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {2, 0x80, 0xBF};
  if (byte == 0xF0) return {3, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return {3, 0x80, 0xBF};
  if (byte == 0xF4) return {3, 0x80, 0x8F};
  return {0, 0, 0};
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

}  // namespace

std::u32string decode_utf8(std::string_view bytes) {
  std::u32string text;
  text.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size();) {
    const auto first = static_cast<unsigned char>(bytes[i++]);
    if (first < 0x80) {
      text += first;
      continue;
    }
    const Lead lead = lead_of(first);
    char32_t c = first & (0x3F >> lead.following);
    int left = lead.following;
    unsigned char low = lead.low, high = lead.high;
    while (left > 0 && i < bytes.size()) {
      const auto next = static_cast<unsigned char>(bytes[i]);
      if (next < low || next > high) break;
      c = (c << 6) | (next & 0x3F);
      low = 0x80, high = 0xBF;
      ++i;
      --left;
    }
    text += lead.following > 0 && left == 0 ? c : kReplacement;
  }
  return text;
}

void append_utf8(std::string& out, char32_t c) {
  const auto byte = [&](char32_t value) { out += static_cast<char>(value); };
  if (c < 0x80) {
    byte(c);
  } else if (c < 0x800) {
    byte(0xC0 | c >> 6);
    byte(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    byte(0xE0 | c >> 12);
    byte(0x80 | (c >> 6 & 0x3F));
    byte(0x80 | (c & 0x3F));
  } else {
    byte(0xF0 | c >> 18);
    byte(0x80 | (c >> 12 & 0x3F));
    byte(0x80 | (c >> 6 & 0x3F));
    byte(0x80 | (c & 0x3F));
  }
}

std::string encode_utf8(std::u32string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char32_t c : text) append_utf8(out, c);
  return out;
}

bool is_space(char32_t c) { return u_isUWhiteSpace(icu_char(c)) != 0; }
bool is_letter(char32_t c) { return (category(c) & U_GC_L_MASK) != 0; }
bool is_number(char32_t c) { return (category(c) & U_GC_N_MASK) != 0; }
bool is_punctuation(char32_t c) { return (old_category(c) & U_GC_P_MASK) != 0; }
bool is_nonspacing(char32_t c) { return (old_category(c) & U_GC_MN_MASK) != 0; }
bool is_other(char32_t c) { return (old_category(c) & (U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CO_MASK)) != 0; }

bool is_word(char32_t c) {
  return u_hasBinaryProperty(icu_char(c), UCHAR_ALPHABETIC) || u_hasBinaryProperty(icu_char(c), UCHAR_JOIN_CONTROL) ||
         (category(c) & (U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK)) != 0;
}

std::u32string to_nfd(std::u32string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  static const icu::Normalizer2* normalizer = icu::Normalizer2::getNFDInstance(status);
  return normalized(*normalizer, text);
}

std::u32string to_nfc(std::u32string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  static const icu::Normalizer2* normalizer = icu::Normalizer2::getNFCInstance(status);
  return normalized(*normalizer, text);
}

std::u32string to_lower(std::u32string_view text) {
  std::u32string result;
  for (const char32_t c : text) {
    // The one character whose simple mapping loses a part: I with a dot above.
    if (c == 0x130) {
      result += U"i\u0307";
    } else {
      result += static_cast<char32_t>(u_tolower(icu_char(c)));
    }
  }
  return result;
}

}  // namespace hiddenkey
