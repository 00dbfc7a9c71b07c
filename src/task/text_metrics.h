#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/watch.h"
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

/// ConfigError where something is not installed that the metrics need, IoError or DataError where METEOR's table of
/// paraphrases is none: better said before a run than at its end.
void require_text_metrics(const std::string& meteor_data);

/// One JSON object a line: id, prompt, text, references.
void write_generations(const std::filesystem::path& path, const std::vector<GenerationItem>& items,
                       const TextEvaluation& evaluation);

struct TextEvaluationOptions {
  std::string task;
  int64_t batch_size = 16;  ///< prompts
  std::string meteor_data;  ///< METEOR's table of paraphrases; empty: none
  Watch watch;              ///< is asked before each token, and told after each batch how many prompts are done
};

/// Generates for each prompt and measures the best candidates by the task's metrics: E2E's, WebNLG's over all, seen and
/// unseen entries, and E2E's for prompts of one's own. A prompt that the model's context has no room for gets an empty
/// text, and a note counts them. StoppedError where `stopped` says so.
TextEvaluation evaluate_text(const Generator& generator, const Tokenizer& tokenizer,
                             const std::vector<GenerationItem>& items, const TextEvaluationOptions& options);

}  // namespace hiddenkey
