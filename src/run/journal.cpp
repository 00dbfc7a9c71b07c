#include "run/journal.h"

#include <cmath>
#include <cstdio>

#include "core/log.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

double rounded(double value, double scale) { return std::round(value * scale) / scale; }

}  // namespace

Journal::Journal(const RunFolder& folder, int64_t size, bool tensorboard) : metrics_(folder.metrics(), size) {
  if (tensorboard) events_.emplace(folder.tensorboard());
}

void Journal::write_pause(int64_t step, double share) {
  metrics_.write({{"type", "pause"}, {"step", step}, {"share", share}});
}

void Journal::scalar(const std::string& tag, double value, int64_t step) {
  if (events_ && std::isfinite(value)) events_->scalar(tag, value, step);
}

int64_t Journal::saved_size() {
  metrics_.sync();
  return metrics_.size();
}

void Journal::write(const StepLine& line) {
  const double speed = static_cast<double>(line.tokens) / line.seconds;
  Json json = {{"type", "step"},
               {"step", line.step},
               {"epoch", rounded(line.epoch, 1e4)},
               {"loss", number_or_null(line.loss)},
               {"ce", number_or_null(line.ce)}};
  if (line.consistency) json["consistency"] = number_or_null(*line.consistency);
  json.update({{"lr", line.learning_rate}, {"grad_norm", number_or_null(line.grad_norm)}, {"tokens", line.tokens}});
  if (line.label_tokens) json["label_tokens"] = *line.label_tokens;
  json["tokens_per_second"] = rounded(speed, 10);
  metrics_.write(json);
  for (const char* name : {"loss", "ce", "consistency", "lr", "grad_norm", "tokens_per_second"}) {
    if (json.contains(name) && json[name].is_number()) scalar(cat("train/", name), json[name], line.step);
  }
  const std::string ce = line.consistency ? cat(" (ce ", fixed(line.ce, 4), ")") : "";
  log::info(cat("step ", line.step, "/", line.total_steps, "  loss ", fixed(line.loss, 4), ce, "  ", fixed(speed, 0),
                " tokens/s"));
}

void Journal::write(const Evaluation& evaluation, int64_t step) {
  Json json = {{"type", "eval"}, {"step", step}, {"split", evaluation.split}};
  json.update(measures_json(evaluation));
  metrics_.write(json);
  std::string text = cat("eval ", evaluation.split, " at step ", step, ": loss ", fixed(evaluation.loss, 4));
  for (const auto& [name, value] : evaluation.metrics) {
    text += cat("  ", name, " ", fixed(value, 4));
    scalar(cat(evaluation.split, "/", name), value, step);
  }
  scalar(cat(evaluation.split, "/loss"), evaluation.loss, step);
  log::info(text);
}

void Journal::write(const TextEvaluation& text, int64_t step, double seconds) {
  Json json = {{"type", "generation"}, {"step", step}, {"split", "dev"}, {"prompts", text.segments.size()}};
  json.update(values_json(text.metrics));
  json["seconds"] = rounded(seconds, 1e3);
  metrics_.write(json);
  std::string line = cat("text of ", text.segments.size(), " dev prompts at step ", step, ":");
  for (const auto& [name, value] : text.metrics) {
    line += cat("  ", name, " ", fixed(value, 4));
    scalar(cat("dev/", name), value, step);
  }
  log::info(line);
  for (const std::string& note : text.notes) log::info("  " + note);
}

}  // namespace hiddenkey
