#include "text/normalizer.h"

#include <type_traits>

#include "core/error.h"
#include "core/text.h"
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

namespace {

template <class Step>
std::u32string run(const Step& step, std::u32string_view text, std::size_t most) {
  if constexpr (std::is_same_v<Step, ReplaceNormalizer>) {
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
