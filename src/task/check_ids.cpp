#include "task/check_ids.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

int64_t largest(const std::vector<int32_t>& ids) {
  const auto found = std::max_element(ids.begin(), ids.end());
  return found == ids.end() ? -1 : *found;
}

}  // namespace

void check_ids(const Dataset& dataset, const Tokenizer& tokenizer, const Architecture& architecture) {
  const bool has_types = architecture.type_vocab_size > 0 && architecture.reads_type_ids;
  for (std::size_t i = 0; i < dataset.examples.size(); ++i) {
    const TokenExample& example = dataset.examples[i];
    const std::string where = cat("the split ", dataset.split, ", row ", i + 1, ": ");
    if (const int64_t id = largest(example.ids); id >= architecture.vocab_size) {
      throw ModelError(cat(where, "holds the token \"", tokenizer.token_of(static_cast<int32_t>(id)), "\" with the id ",
                           id, ", but the model's embedding has ", architecture.vocab_size, " rows (vocab_size)"));
    }
    if (const int64_t type = largest(example.type_ids); has_types && type >= architecture.type_vocab_size) {
      throw ModelError(cat(where, "the tokenizer gives it the type id ", type,
                           ", but the model's embedding of types has ", architecture.type_vocab_size,
                           " rows (type_vocab_size)"));
    }
  }
}

}  // namespace hiddenkey
