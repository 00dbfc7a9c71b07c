#include "text/added_tokens.h"

#include <algorithm>

#include "text/unicode.h"

namespace hiddenkey {
namespace {

const AddedToken* longest_at(std::u32string_view rest, const std::vector<AddedToken>& tokens) {
  const AddedToken* best = nullptr;
  for (const AddedToken& token : tokens) {
    const bool longer = best == nullptr || token.content.size() >= best->content.size();
    if (longer && !token.content.empty() && rest.starts_with(token.content)) best = &token;
  }
  return best;
}

bool stands_alone(std::u32string_view text, std::size_t begin, std::size_t end) {
  const bool before = begin == 0 || !is_word(text[begin - 1]);
  const bool after = end == text.size() || !is_word(text[end]);
  return before && after;
}

}  // namespace

void AddedVocabulary::add(AddedToken token, const Vocabulary& model) {
  const std::string content = encode_utf8(token.content);
  if (content.empty()) return;
  const auto known = places_.find(content);
  const bool is_new = known == places_.end();
  next_ = std::max(next_, static_cast<int32_t>(model.count()));
  token.id = is_new ? model.find(content).value_or(next_) : tokens_[known->second].id;
  if (is_new && token.id == next_ && !model.find(content)) ++next_;
  largest_ = std::max<int64_t>(largest_, token.id);
  contents_[token.id] = content;
  if (is_new) {
    places_.emplace(content, tokens_.size());
    tokens_.push_back(std::move(token));
  } else {
    tokens_[known->second] = std::move(token);
  }
}

std::optional<int32_t> AddedVocabulary::find(std::string_view content) const {
  const auto found = places_.find(content);
  return found == places_.end() ? std::nullopt : std::make_optional(tokens_[found->second].id);
}

const std::string* AddedVocabulary::token_of(int32_t id) const {
  const auto found = contents_.find(id);
  return found == contents_.end() ? nullptr : &found->second;
}

std::vector<TextPart> cut_at_tokens(std::u32string_view text, const std::vector<AddedToken>& tokens) {
  std::vector<TextPart> parts;
  std::u32string firsts;
  for (const AddedToken& token : tokens) firsts += token.content.substr(0, 1);
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size();) {
    const AddedToken* token =
        firsts.find(text[i]) == std::u32string::npos ? nullptr : longest_at(text.substr(i), tokens);
    const std::size_t end = token == nullptr ? i + 1 : i + token->content.size();
    if (token == nullptr || i < done || (token->single_word && !stands_alone(text, i, end))) {
      i = end;
      continue;
    }
    std::size_t first = i, last = end;
    while (token->lstrip && first > done && is_space(text[first - 1])) --first;
    while (token->rstrip && last < text.size() && is_space(text[last])) ++last;
    if (first > done) parts.push_back({text.substr(done, first - done), std::nullopt});
    parts.push_back({text.substr(first, last - first), token->id});
    done = last;
    i = end;
  }
  if (done < text.size()) parts.push_back({text.substr(done), std::nullopt});
  return parts;
}

}  // namespace hiddenkey
