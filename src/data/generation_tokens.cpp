#include "data/generation_tokens.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "data/all_cores.h"
#include "data/trim.h"

namespace hiddenkey {
namespace {

/// e2e and webnlg: the layout of LoRA's authors.
bool has_separator(const std::string& task) { return task != "generation"; }

int32_t separator(const Tokenizer& tokenizer, const std::string& task) {
  if (const auto bos = tokenizer.bos_id()) return *bos;
  if (const auto eos = tokenizer.eos_id()) return *eos;
  throw ModelError(cat("the tokenizer has neither a bos_token nor an eos_token; ", task,
                       " needs one between a prompt and its completion"));
}

bool ends_with(const std::vector<int32_t>& ids, const std::vector<int32_t>& end) {
  return ids.size() >= end.size() && std::equal(end.rbegin(), end.rend(), ids.rbegin());
}

}  // namespace

std::vector<int32_t> prompt_ids(const Tokenizer& tokenizer, const std::string& task, const std::string& prompt) {
  std::vector<int32_t> ids = tokenizer.encode(prompt).ids;
  const std::vector<int32_t> plain = tokenizer.encode_plain(prompt);
  while (ids.size() > plain.size() && !ends_with(ids, plain)) ids.pop_back();
  if (has_separator(task)) ids.push_back(separator(tokenizer, task));
  return ids;
}

std::vector<int32_t> completion_ids(const Tokenizer& tokenizer, const std::string& task,
                                    const std::string& completion) {
  const auto eos = tokenizer.eos_id();
  if (!eos) throw ModelError(cat("the tokenizer has no eos_token; ", task, " needs it at the end of a completion"));
  std::vector<int32_t> ids =
      tokenizer.encode_plain(has_separator(task) ? cat(" ", trimmed(completion)) : std::string(completion));
  ids.push_back(*eos);
  return ids;
}

Dataset tokenize_generation(const std::vector<TextExample>& examples, const Tokenizer& tokenizer,
                            const std::string& task, int64_t max_length, const std::string& split) {
  Dataset dataset;
  dataset.split = split;
  dataset.examples.resize(examples.size());
  on_all_cores(examples.size(), [&](std::size_t i) {
    TokenExample& tokens = dataset.examples[i];
    tokens.id = examples[i].id;
    tokens.ids = prompt_ids(tokenizer, task, examples[i].text);
    tokens.prompt_length = static_cast<int32_t>(tokens.ids.size());
    const std::vector<int32_t> completion = completion_ids(tokenizer, task, examples[i].completion);
    tokens.ids.insert(tokens.ids.end(), completion.begin(), completion.end());
    tokens.type_ids.assign(tokens.ids.size(), 0);
  });
  if (max_length > 0) {
    dataset.left_out = static_cast<int64_t>(std::erase_if(dataset.examples, [&](const TokenExample& example) {
      return example.ids.size() > static_cast<std::size_t>(max_length);
    }));
  }
  if (dataset.examples.empty()) {
    throw DataError(cat("all ", examples.size(), " examples of the split ", split, " of ", task, " are longer than ",
                        max_length, " tokens (training.max_length)"));
  }
  for (const TokenExample& example : dataset.examples) dataset.tokens += static_cast<int64_t>(example.ids.size());
  return dataset;
}

}  // namespace hiddenkey
