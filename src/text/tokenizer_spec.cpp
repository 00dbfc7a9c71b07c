#include "text/tokenizer_spec.h"

namespace hiddenkey {
namespace {

using Kind = TemplatePart::Kind;

void append_framed(Template& parts, Kind text, int32_t type_id, std::optional<int32_t> begin,
                   std::optional<int32_t> end) {
  if (begin) parts.push_back({Kind::kToken, *begin, type_id});
  parts.push_back({text, 0, type_id});
  if (end) parts.push_back({Kind::kToken, *end, type_id});
}

}  // namespace

std::optional<int32_t> TokenizerSpec::find(std::string_view token) const {
  const auto id = added.find(token);
  return id ? id : vocabulary.find(token);
}

const std::string* TokenizerSpec::token_of(int32_t id) const {
  const std::string* token = added.token_of(id);
  return token != nullptr ? token : vocabulary.token_of(id);
}

Template framed_single(std::optional<int32_t> begin, std::optional<int32_t> end) {
  Template parts;
  append_framed(parts, Kind::kFirst, 0, begin, end);
  return parts;
}

Template framed_pair(std::optional<int32_t> begin, std::optional<int32_t> end) {
  Template parts = framed_single(begin, end);
  append_framed(parts, Kind::kSecond, 1, begin, end);
  return parts;
}

}  // namespace hiddenkey
