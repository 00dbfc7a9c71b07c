#include "eval/text_metrics.h"

#include <nlohmann/json.hpp>
#include <numeric>

#include "core/file.h"
#include "data/generation_tokens.h"
#include "score/e2e.h"
#include "score/webnlg.h"

namespace hiddenkey {
namespace {

void measure(const std::string& task, TextEvaluation& evaluation) {
  const std::vector<Segment>& segments = evaluation.segments;
  std::vector<std::size_t> all(segments.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  for (const Metric& metric : task == "webnlg" ? webnlg_metrics(segments) : e2e_metrics(segments)) {
    evaluation.metrics.emplace_back(metric.name, metric.over(all));
    if (!metric.note.empty()) evaluation.notes.push_back(metric.name + ": " + metric.note);
  }
}

}  // namespace

void require_text_metrics() { static_cast<void>(E2eMetrics()); }

void write_generations(const std::filesystem::path& path, const std::vector<GenerationItem>& items,
                       const TextEvaluation& evaluation) {
  using Json = nlohmann::ordered_json;
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

TextEvaluation evaluate_text(const Generator& generator, const Tokenizer& tokenizer, const std::string& task,
                             const std::vector<GenerationItem>& items, int64_t batch_size,
                             const std::function<bool()>& stopped) {
  std::vector<TokenIds> prompts;
  for (const GenerationItem& item : items) prompts.push_back(prompt_ids(tokenizer, task, item.prompt));
  GenerationHooks hooks;
  hooks.stopped = stopped;
  const std::vector<std::vector<Generation>> results = generator.generate(prompts, batch_size, hooks);
  TextEvaluation evaluation;
  for (std::size_t i = 0; i < items.size(); ++i) {
    evaluation.segments.push_back({results[i].front().text, items[i].references, items[i].part});
  }
  measure(task, evaluation);
  return evaluation;
}

}  // namespace hiddenkey
