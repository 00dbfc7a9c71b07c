#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/load_options.h"
#include "core/error.h"
#include "core/text.h"
#include "data/loader.h"
#include "data/prediction_file.h"
#include "data/reader.h"
#include "train/evaluate.h"

namespace hiddenkey {
namespace {

struct Options {
  LoadRequest request;
  std::string split = "dev";
  std::string predictions;
};

std::string table(const Evaluation& evaluation, std::size_t examples) {
  std::string text = cat("split     ", evaluation.split, "\nexamples  ", examples, "\n");
  const auto add = [&](const std::string& name, double value) {
    char line[128];
    std::snprintf(line, sizeof line, "%-9s %.6f\n", name.c_str(), value);
    text += line;
  };
  add("loss", evaluation.loss);
  for (const auto& [name, value] : evaluation.metrics) add(name, value);
  return text;
}

nlohmann::ordered_json to_json(const Evaluation& evaluation, std::size_t examples) {
  const auto number = [](double value) {
    return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json();
  };
  nlohmann::ordered_json json = {
      {"split", evaluation.split}, {"examples", examples}, {"loss", number(evaluation.loss)}};
  for (const auto& [name, value] : evaluation.metrics) json[name] = number(value);
  return json;
}

int evaluate_command(const Options& options, const CommonOptions& common) {
  LoadedRun run = load_run(options.request);
  const Dataset dataset =
      load_dataset(run.config.task, run.task, options.split, *run.tokenizer, run.config.training.max_length);
  const Evaluation evaluation =
      evaluate(run.model->network, run.task, dataset, run.config.evaluation.batch_size, run.device);
  if (!options.predictions.empty()) write_dev_predictions(options.predictions, run.task, dataset, evaluation.logits);
  if (evaluation.metrics.empty())
    throw DataError(cat("the split ", options.split,
                        " has no labels, so there is nothing to measure; `hiddenkey predict` labels it"));
  print(common.json ? to_json(evaluation, dataset.examples.size()).dump(2) + "\n"
                    : table(evaluation, dataset.examples.size()));
  return 0;
}

}  // namespace

void add_eval_command(CLI::App& program, CommonOptions& common, Action& action) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(program, common, "eval", "Metrics of a trained adapter, also one that PEFT trained",
                                  "hiddenkey eval runs/rte --split dev");
  add_load_options(*command, options->request, true);
  command->add_option("--split", options->split, "Which split to measure")->capture_default_str();
  command->add_option("--predictions", options->predictions,
                      "Also write id, label, prediction and scores to this file");
  add_json_flag(*command, common);
  command->callback(
      [options, &common, &action] { action = [options, &common] { return evaluate_command(*options, common); }; });
}

}  // namespace hiddenkey
