#include "score/entities.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

#include "core/utf8.h"

namespace hiddenkey {
namespace {

struct ParsedTag {
  char32_t prefix = U'O';
  std::string type = "_";
};

ParsedTag parse_tag(const std::string& tag) {
  ParsedTag parsed;
  if (tag.empty()) return parsed;
  std::size_t place = 0;
  parsed.prefix = next_character(tag, place).value_or(U'\ufffd');
  std::string type = tag.substr(place);
  const std::size_t hyphen = type.find('-');
  if (hyphen != std::string::npos) type = type.substr(hyphen + 1);
  if (!type.empty()) parsed.type = type;
  return parsed;
}

bool is_usual(std::string_view tag) {
  constexpr std::string_view kPrefixes = "BIES";
  if (tag == "O") return true;
  const bool known = !tag.empty() && kPrefixes.find(tag.front()) != std::string_view::npos;
  return known && (tag.size() == 1 || tag[1] == '-');
}

bool is_one_of(char32_t prefix, std::u32string_view prefixes) {
  return prefixes.find(prefix) != std::u32string_view::npos;
}

}  // namespace

EntityTags::EntityTags(const std::vector<std::string>& tags) {
  std::set<std::string> types = {"_"};
  for (const std::string& tag : tags) {
    types.insert(parse_tag(tag).type);
    if (!is_usual(tag)) unusual_.push_back(tag);
  }
  types_.assign(types.begin(), types.end());
  const auto number = [&](const std::string& type) {
    return static_cast<std::size_t>(std::lower_bound(types_.begin(), types_.end(), type) - types_.begin());
  };
  for (const std::string& tag : tags) {
    const ParsedTag parsed = parse_tag(tag);
    tags_.push_back({parsed.prefix, number(parsed.type)});
  }
  outside_ = {U'O', number("_")};
}

bool EntityTags::ends(const Tag& before, const Tag& tag) {
  if (is_one_of(before.prefix, U"ES")) return true;
  if (is_one_of(before.prefix, U"BI") && is_one_of(tag.prefix, U"BSO")) return true;
  return !is_one_of(before.prefix, U"O.") && before.type != tag.type;
}

bool EntityTags::begins(const Tag& before, const Tag& tag) {
  if (is_one_of(tag.prefix, U"BS")) return true;
  if (is_one_of(before.prefix, U"ESO") && is_one_of(tag.prefix, U"EI")) return true;
  return !is_one_of(tag.prefix, U"O.") && before.type != tag.type;
}

std::vector<Entity> EntityTags::entities(const std::vector<int>& sequence) const {
  std::vector<Entity> found;
  Tag before = outside_;
  std::size_t first = 0;
  for (std::size_t i = 0; i <= sequence.size(); ++i) {
    const Tag& tag = i < sequence.size() ? tags_[static_cast<std::size_t>(sequence[i])] : outside_;
    if (ends(before, tag)) found.push_back({first, i - 1, before.type});
    if (begins(before, tag)) first = i;
    before = tag;
  }
  return found;
}

}  // namespace hiddenkey
