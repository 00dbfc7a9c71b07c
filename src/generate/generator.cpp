#include "generate/generator.h"

#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "core/text.h"
#include "generate/network_model.h"
#include "generate/rows.h"

namespace hiddenkey {
namespace {

/// Where the first of the stop strings begins; npos where there is none.
std::size_t find_stop(const std::string& text, const std::vector<std::string>& stops) {
  std::size_t first = std::string::npos;
  for (const std::string& stop : stops) first = std::min(first, text.find(stop));
  return first;
}

}  // namespace

Generator::Generator(const Network& network, const Tokenizer& tokenizer, GenerationOptions options, TokenIds end_ids)
    : network_(network), tokenizer_(tokenizer), options_(std::move(options)), end_ids_(std::move(end_ids)) {
  check_options(options_, network.architecture().vocab_size);
  for (const std::string& stop : options_.stop) {
    if (const std::optional<int32_t> id = tokenizer.id_of(stop)) stop_ids_.push_back(*id);
  }
}

void Generator::check_ids(const std::vector<TokenIds>& prompts) const {
  const int64_t rows = network_.architecture().vocab_size;
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    for (const int32_t id : prompts[i]) {
      if (id < rows) continue;
      throw ModelError(cat("prompt ", i + 1, ": holds the token \"", tokenizer_.token_of(id), "\" with the id ", id,
                           ", but the model's embedding has ", rows, " rows (vocab_size)"));
    }
  }
}

bool Generator::fits(const TokenIds& prompt) const {
  return !prompt.empty() && limit_of(prompt, options_, network_.architecture().max_positions).tokens > 0;
}

void Generator::check_prompts(const std::vector<TokenIds>& prompts) const {
  const auto unfit = [this](const TokenIds& prompt) { return !fits(prompt); };
  const auto first = std::find_if(prompts.begin(), prompts.end(), unfit);
  if (first == prompts.end()) return;
  std::string reason = "has no tokens to go on from";
  if (!first->empty()) {
    const int64_t context = network_.architecture().max_positions;
    const int64_t room = std::min(context, options_.max_length.value_or(context));
    reason = cat("its ", first->size(), " tokens leave no room for a new one in the ", room, " of ",
                 room < context ? "max_length" : "the model's context");
  }
  const auto others = std::count_if(first + 1, prompts.end(), unfit);
  throw DataError(
      cat("prompt ", first - prompts.begin() + 1, ": ", reason, others > 0 ? cat(" (and ", others, " more)") : ""));
}

bool Generator::has_stop(const TokenIds& tokens) const {
  return holds(stop_ids_, tokens.back()) ||
         find_stop(tokenizer_.decode(tokens, /*skip_special_tokens=*/true), options_.stop) != std::string::npos;
}

Generation Generator::finish(Candidate candidate) const {
  std::string text = tokenizer_.decode(candidate.tokens, /*skip_special_tokens=*/true);
  if (candidate.finish == Finish::kStop) text.resize(std::min(text.size(), find_stop(text, options_.stop)));
  return {std::move(candidate.tokens), std::move(text), candidate.score, candidate.finish};
}

std::vector<std::vector<Generation>> Generator::generate(const std::vector<TokenIds>& prompts, int64_t batch_size,
                                                         const GenerationHooks& hooks) const {
  check_prompts(prompts);
  check_ids(prompts);
  NetworkModel model(network_);
  Ending ending{end_ids_, nullptr, hooks.stopped};
  if (!options_.stop.empty()) ending.has_stop = [this](const TokenIds& tokens) { return has_stop(tokens); };
  std::vector<std::size_t> order(prompts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return prompts[a].size() < prompts[b].size(); });
  std::vector<std::vector<Generation>> results(prompts.size());
  for (std::size_t begin = 0; begin < order.size(); begin += static_cast<std::size_t>(batch_size)) {
    const std::size_t end = std::min(order.size(), begin + static_cast<std::size_t>(batch_size));
    std::vector<Prompt> batch;
    for (std::size_t i = begin; i < end; ++i) batch.push_back({order[i], prompts[order[i]]});
    std::vector<std::vector<Candidate>> found = search(model, batch, options_, ending);
    for (std::size_t i = begin; i < end; ++i) {
      for (Candidate& candidate : found[i - begin]) results[order[i]].push_back(finish(std::move(candidate)));
    }
    if (hooks.finished) hooks.finished(static_cast<int64_t>(end), results);
  }
  return results;
}

}  // namespace hiddenkey
