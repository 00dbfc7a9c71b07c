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

}  // namespace hiddenkey
