#include "data/notes.h"

#include <algorithm>

#include "core/text.h"
#include "core/utf8.h"

namespace hiddenkey {
namespace {

template <class Matches>
void note(const std::vector<TextExample>& examples, const std::string& what, const Matches& matches, Notes& notes) {
  int64_t count = 0, first = 0;
  for (const TextExample& example : examples) {
    if (!matches(example)) continue;
    if (count++ == 0) first = example.line;
  }
  if (count == 0) return;
  const std::string place = first > 0 ? cat(" (the first in line ", first, ")") : "";
  notes.push_back(cat(count, count == 1 ? " example has " : " examples have ", what, place));
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  for (std::size_t place = 0; place < bytes.size();) {
    if (!next_character(bytes, place)) return false;
  }
  return true;
}

void note_texts(const std::vector<TextExample>& examples, Notes& notes) {
  note(
      examples, "an empty text",
      [](const TextExample& e) { return (e.text.empty() && e.words.empty()) || (e.pair && e.pair->empty()); }, notes);
  note(
      examples, "bytes that are not UTF-8; they are read as U+FFFD",
      [](const TextExample& e) {
        return !is_utf8(e.text) || (e.pair && !is_utf8(*e.pair)) || !is_utf8(e.completion) ||
               !std::all_of(e.words.begin(), e.words.end(), is_utf8);
      },
      notes);
}

}  // namespace hiddenkey
