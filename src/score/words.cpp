#include "score/words.h"

#include "score/lowercase.h"
#include "text/unicode.h"

namespace hiddenkey {
namespace {

template <class Belongs>
std::vector<std::string> runs_of(std::string_view text, Belongs belongs) {
  std::vector<std::string> runs(1);
  for (const char32_t c : decode_utf8(text)) {
    if (belongs(c)) {
      append_utf8(runs.back(), c);
    } else if (!runs.back().empty()) {
      runs.emplace_back();
    }
  }
  if (runs.back().empty()) runs.pop_back();
  return runs;
}

}  // namespace

std::vector<std::string> blank_separated(std::string_view text) {
  return runs_of(text, [](char32_t c) { return !is_space(c) && (c < U'\x1c' || c > U'\x1f'); });
}

std::vector<std::string> lower_word_runs(std::string_view text) { return runs_of(lowercase(text), is_word); }

}  // namespace hiddenkey
