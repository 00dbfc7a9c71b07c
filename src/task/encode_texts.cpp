#include "task/encode_texts.h"

#include <atomic>

#include "data/all_cores.h"

namespace hiddenkey {

Dataset encode_texts(const std::vector<TextExample>& examples, const Tokenizer& tokenizer, int64_t max_length,
                     const std::string& split) {
  Dataset dataset;
  dataset.split = split;
  dataset.examples.resize(examples.size());
  std::atomic<int64_t> truncated{0}, tokens{0};
  on_all_cores(examples.size(), [&](std::size_t i) {
    const TextExample& text = examples[i];
    const int length = static_cast<int>(max_length);
    Encoding encoding =
        text.pair ? tokenizer.encode(text.text, *text.pair, length) : tokenizer.encode(text.text, length);
    truncated += encoding.truncated ? 1 : 0;
    tokens += static_cast<int64_t>(encoding.ids.size());
    dataset.examples[i] = {text.id, std::move(encoding.ids), std::move(encoding.type_ids), text.label};
    dataset.examples[i].labels = text.labels;
  });
  dataset.truncated = truncated;
  dataset.tokens = tokens;
  return dataset;
}

}  // namespace hiddenkey
