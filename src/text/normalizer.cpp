#include "text/normalizer.h"

#include <algorithm>
#include <type_traits>

#include "core/error.h"
#include "core/text.h"
#include "text/graphemes.h"
#include "text/growth.h"
#include "text/unicode.h"

namespace hiddenkey {

std::u32string NfcNormalizer::normalize(std::u32string_view text) const { return to_nfc(text); }

std::u32string PrependNormalizer::normalize(std::u32string_view text) const {
  return text.empty() ? std::u32string() : prefix + std::u32string(text);
}

std::u32string ReplaceNormalizer::normalize(std::u32string_view text, std::size_t most) const {
  return replaced<char32_t>(text, pattern, content, most);
}

std::u32string CharsmapNormalizer::normalize(std::u32string_view text, std::size_t most) const {
  constexpr std::size_t kLongestSeen = 5;  // bytes of a character of several code points that is looked up as a whole
  std::u32string result;
  for (const std::u32string_view character : graphemes(text)) {
    if (result.size() > most) break;
    const std::string bytes = encode_utf8(character);
    const auto whole = bytes.size() <= kLongestSeen ? charsmap.find(bytes) : std::nullopt;
    if (whole) {
      result += decode_utf8(*whole);
      continue;
    }
    for (const char32_t c : character) {
      const auto single = charsmap.find(encode_utf8({&c, 1}));
      result += single ? decode_utf8(*single) : std::u32string(1, c);
    }
  }
  return result;
}

std::u32string StripEndNormalizer::normalize(std::u32string_view text) const {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return std::u32string(text);
}

std::u32string SpaceRunNormalizer::normalize(std::u32string_view text) const {
  std::u32string result;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find_first_not_of(U' ', begin), text.size());
    if (end - begin >= 2) {
      result += content;
      begin = end;
    } else {
      result += text[begin++];
    }
  }
  return result;
}

namespace {

template <class Step>
std::u32string run(const Step& step, std::u32string_view text, std::size_t most) {
  if constexpr (std::is_same_v<Step, ReplaceNormalizer> || std::is_same_v<Step, CharsmapNormalizer>) {
    return step.normalize(text, most);
  } else {
    return step.normalize(text);
  }
}

}  // namespace

std::u32string Normalizer::normalize(std::u32string_view text) const {
  std::u32string result(text);
  const std::size_t most = longest_result(text.size());
  for (const Step& step : steps_) {
    result = std::visit([&](const auto& made) { return run(made, result, most); }, step);
    if (result.size() > most)
      throw ModelError(cat(source_, ": makes more than ", most, " characters of a text of ", text.size()));
  }
  return result;
}

}  // namespace hiddenkey
