#include "train/check_ids.h"

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

void check_ids(const Tokenizer& tokenizer, const Architecture& architecture, const std::filesystem::path& model) {
  if (architecture.head != HeadUse::kLanguage || tokenizer.vocab_size() <= architecture.vocab_size) return;
  throw ModelError(cat(model.string(), ": the tokenizer has ids up to ", tokenizer.vocab_size() - 1,
                       ", but the config says vocab_size ", architecture.vocab_size));
}

void check_ids(const Dataset& dataset, const Architecture& architecture, const std::filesystem::path& model) {
  const bool has_types = architecture.type_vocab_size > 0 && architecture.reads_type_ids;
  for (std::size_t i = 0; i < dataset.examples.size(); ++i) {
    const TokenExample& example = dataset.examples[i];
    const auto fail = [&](const char* what, int64_t id, const char* field, int64_t size) {
      throw ModelError(cat(model.string(), ": the tokenizer gives example ", i + 1, " of the split ", dataset.split,
                           " the ", what, " ", id, ", but the config says ", field, " ", size));
    };
    if (const int64_t id = largest(example.ids); id >= architecture.vocab_size)
      fail("id", id, "vocab_size", architecture.vocab_size);
    if (const int64_t type = largest(example.type_ids); has_types && type >= architecture.type_vocab_size)
      fail("type id", type, "type_vocab_size", architecture.type_vocab_size);
  }
}

}  // namespace hiddenkey
