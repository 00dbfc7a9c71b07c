#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "data/generation.h"
#include "generate/generator.h"
#include "score/metric.h"

namespace hiddenkey {

/// What a model writes for the prompts of a split, and how near it is to what people wrote.
struct TextEvaluation {
  std::vector<Segment> segments;  ///< in the split's order
  std::vector<std::pair<std::string, double>> metrics;
  std::vector<std::string> notes;  ///< what a reader has to know of the figures
};

/// ConfigError where something is not installed that the metrics need: better said before a run than at its end.
void require_text_metrics();

/// One JSON object a line: id, prompt, text, references.
void write_generations(const std::filesystem::path& path, const std::vector<GenerationItem>& items,
                       const TextEvaluation& evaluation);

/// Generates for each prompt and measures the best candidates by the task's metrics: E2E's, WebNLG's over all, seen and
/// unseen entries, and E2E's for prompts of one's own. StoppedError where `stopped` says so.
TextEvaluation evaluate_text(const Generator& generator, const Tokenizer& tokenizer, const std::string& task,
                             const std::vector<GenerationItem>& items, int64_t batch_size,
                             const std::function<bool()>& stopped = {});

}  // namespace hiddenkey
