#include "text/vocabulary.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {

void Vocabulary::add(const std::string& token, int32_t id, const std::string& source) {
  if (id < 0) throw ModelError(cat(source, ": the token \"", token, "\" has the id ", id));
  if (!ids_.emplace(token, id).second) throw ModelError(cat(source, ": the token \"", token, "\" stands there twice"));
  if (const auto [other, is_new] = tokens_.emplace(id, token); !is_new) {
    throw ModelError(cat(source, ": the tokens \"", other->second, "\" and \"", token, "\" have the same id ", id));
  }
  largest_ = std::max<int64_t>(largest_, id);
}

bool Vocabulary::replace(const std::string& token, int32_t id, const std::string& source) {
  const auto known = ids_.find(token);
  const bool was_there = known != ids_.end();
  if (was_there) {
    tokens_.erase(known->second);
    ids_.erase(known);
  }
  add(token, id, source);
  return was_there;
}

}  // namespace hiddenkey
