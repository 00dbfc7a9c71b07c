#include "text/normalizer.h"

#include "text/unicode.h"

namespace hiddenkey {

std::u32string NfcNormalizer::normalize(std::u32string_view text) const { return to_nfc(text); }

std::u32string PrependNormalizer::normalize(std::u32string_view text) const {
  return text.empty() ? std::u32string() : prefix + std::u32string(text);
}

std::u32string ReplaceNormalizer::normalize(std::u32string_view text) const {
  std::u32string result;
  for (;;) {
    const std::size_t place = text.find(pattern);
    result += text.substr(0, place);
    if (place == std::u32string_view::npos) return result;
    result += content;
    text.remove_prefix(place + pattern.size());
  }
}

std::u32string Normalizer::normalize(std::u32string_view text) const {
  std::u32string result(text);
  for (const Step& step : steps_) {
    result = std::visit([&](const auto& made) { return made.normalize(result); }, step);
  }
  return result;
}

}  // namespace hiddenkey
