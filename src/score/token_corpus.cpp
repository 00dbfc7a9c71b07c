#include "score/token_corpus.h"

namespace hiddenkey {

const Tokens& TokenMemory::tokens(const std::string& text) {
  const auto [entry, is_new] = known_.try_emplace(text);
  if (is_new) {
    for (const std::string& token : tokenize_(text)) {
      entry->second.push_back(numbers_.try_emplace(token, static_cast<std::uint32_t>(numbers_.size())).first->second);
    }
  }
  return entry->second;
}

std::vector<TokenSegment> TokenMemory::corpus(const std::vector<Segment>& segments) {
  std::vector<TokenSegment> result;
  result.reserve(segments.size());
  for (const Segment& segment : segments) {
    TokenSegment& added = result.emplace_back();
    added.hypothesis = tokens(segment.hypothesis);
    for (const std::string& reference : segment.references) added.references.push_back(tokens(reference));
  }
  return result;
}

}  // namespace hiddenkey
