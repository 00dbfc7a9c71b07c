#include "task/text_metrics.h"

#include <nlohmann/json.hpp>

#include "core/file.h"
#include "core/text.h"
#include "data/generation_tokens.h"
#include "score/task_metrics.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

void measure(const TextEvaluationOptions& options, TextEvaluation& evaluation) {
  const std::vector<Segment>& segments = evaluation.segments;
  const std::vector<std::size_t> all = all_segments(segments.size());
  for (const Metric& metric : task_metrics(options.task, options.meteor_data)(segments)) {
    evaluation.metrics.emplace_back(metric.name, metric.over(all));
    if (!metric.note.empty()) evaluation.notes.push_back(metric.name + ": " + metric.note);
  }
}

}  // namespace

void require_text_metrics(const std::string& meteor_data) { static_cast<void>(task_metrics("e2e", meteor_data)); }

void write_generations(const std::filesystem::path& path, const std::vector<GenerationItem>& items,
                       const TextEvaluation& evaluation) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Json line = {{"id", items[i].id},
                       {"prompt", items[i].prompt},
                       {"text", evaluation.segments[i].hypothesis},
                       {"references", items[i].references}};
    text += line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  write_file_atomically(path, text);
}

TextEvaluation evaluate_text(const Generator& generator, const Tokenizer& tokenizer,
                             const std::vector<GenerationItem>& items, const TextEvaluationOptions& options) {
  TextEvaluation evaluation;
  std::vector<TokenIds> prompts;
  std::vector<std::size_t> asked;  // the items of these prompts
  for (const GenerationItem& item : items) {
    evaluation.segments.push_back({"", item.references, item.part});
    TokenIds ids = prompt_ids(tokenizer, options.task, item.prompt);
    if (!generator.fits(ids)) continue;
    asked.push_back(evaluation.segments.size() - 1);
    prompts.push_back(std::move(ids));
  }
  GenerationHooks hooks;
  hooks.stopped = options.watch.stopped;
  hooks.finished = [&](int64_t done, const auto& /*results*/) { options.watch.report(done); };
  const std::vector<std::vector<Generation>> results = generator.generate(prompts, options.batch_size, hooks);
  for (std::size_t i = 0; i < asked.size(); ++i) evaluation.segments[asked[i]].hypothesis = results[i].front().text;
  if (asked.size() < items.size()) {
    evaluation.notes.push_back(cat(items.size() - asked.size(), " of ", items.size(),
                                   " prompts leave no room in the model's context; their texts count as empty"));
  }
  measure(options, evaluation);
  return evaluation;
}

}  // namespace hiddenkey
