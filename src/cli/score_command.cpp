#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "core/error.h"
#include "core/text.h"
#include "data/generation.h"
#include "data/sources/webnlg.h"
#include "score/bootstrap.h"
#include "score/references.h"
#include "score/task_metrics.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::string task;
  std::vector<std::string> hypotheses, references;
  std::string meteor_data;
  BootstrapSettings bootstrap;
};

struct ScoredMetric {
  std::string name, note;
  double value = 0;
  PairedBootstrap against_first;  ///< of the first system with itself for the first
};

struct System {
  std::string file;
  std::vector<ScoredMetric> metrics;
};

/// What the hypotheses are held against.
struct Inputs {
  References references;
  std::vector<std::string> groups;  ///< WebNLG's seen and unseen; empty where the files do not say
};

Inputs read_webnlg_inputs(const Options& options) {
  const std::string& first = options.references.front();
  if (!first.ends_with(".json") && !first.ends_with(".xml"))
    return {read_parallel_references({options.references.begin(), options.references.end()}), {}};
  if (options.references.size() > 1) throw ConfigError("--ref: one file of WebNLG's own has all references");
  Inputs inputs;
  for (GenerationItem& item : group_examples(read_webnlg(first))) {
    inputs.references.push_back(std::move(item.references));
    inputs.groups.push_back(std::move(item.part));
  }
  return inputs;
}

Inputs read_inputs(const Options& options) {
  if (options.task == "webnlg") return read_webnlg_inputs(options);
  if (options.references.size() > 1)
    throw ConfigError("--ref: e2e has all references of an input in one file, and several are given");
  return {read_grouped_references(options.references.front()), {}};
}

/// `first` are the metrics of the system that this one is compared with; nullptr where it is the first one itself.
System score_system(const std::string& file, const std::vector<Metric>& metrics, const std::vector<Metric>* first,
                    std::size_t segments, const BootstrapSettings& bootstrap) {
  const std::vector<std::size_t> all = all_segments(segments);
  System system{file, {}};
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    ScoredMetric& scored = system.metrics.emplace_back();
    scored.name = metrics[i].name;
    scored.note = metrics[i].note;
    scored.value = metrics[i].over(all);
    if (first != nullptr) scored.against_first = paired_bootstrap((*first)[i], metrics[i], segments, bootstrap);
  }
  return system;
}

std::vector<System> score_systems(const Options& options, const Inputs& inputs) {
  const TaskMetrics metrics = task_metrics(options.task, options.meteor_data);
  std::vector<System> systems;
  std::vector<Metric> first;
  for (const std::string& file : options.hypotheses) {
    std::vector<Segment> segments = make_segments(read_hypotheses(file), inputs.references, file);
    for (std::size_t i = 0; i < inputs.groups.size(); ++i) segments[i].group = inputs.groups[i];
    if (options.task == "webnlg" && inputs.groups.empty()) count_missing_references(segments);
    if (systems.empty()) {
      first = metrics(segments);
      systems.push_back(score_system(file, first, nullptr, segments.size(), options.bootstrap));
    } else {
      systems.push_back(score_system(file, metrics(segments), &first, segments.size(), options.bootstrap));
    }
  }
  return systems;
}

std::size_t column_width(const std::string& name) { return std::max<std::size_t>(11, name.size() + 2); }

/// A value under the name of its metric.
std::string cell(const std::string& name, double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%*.4f", static_cast<int>(column_width(name)), value);
  return text;
}

std::string padded(const std::string& text, std::size_t width) {
  return text + std::string(width - std::min(width, text.size()), ' ');
}

std::string to_table(const std::vector<System>& systems, const BootstrapSettings& bootstrap) {
  std::size_t width = std::string("system").size();
  for (const System& system : systems) width = std::max(width, system.file.size());
  std::string header = padded("system", width);
  for (const ScoredMetric& metric : systems.front().metrics) {
    header += std::string(column_width(metric.name) - metric.name.size(), ' ') + metric.name;
  }
  std::string text = header + "\n";
  for (const System& system : systems) {
    text += padded(system.file, width);
    for (const ScoredMetric& metric : system.metrics) text += cell(metric.name, metric.value);
    text += "\n";
  }
  if (systems.size() > 1) {
    text += cat("\np-value of the difference from ", systems.front().file, " (paired bootstrap, ", bootstrap.resamples,
                " resamples, seed ", bootstrap.seed, ")\n");
    for (std::size_t i = 1; i < systems.size(); ++i) {
      text += padded(systems[i].file, width);
      for (const ScoredMetric& metric : systems[i].metrics) text += cell(metric.name, metric.against_first.p_value);
      text += "\n";
    }
  }
  for (const ScoredMetric& metric : systems.front().metrics) {
    if (!metric.note.empty()) text += cat("\n", metric.name, ": ", metric.note, "\n");
  }
  return text;
}

std::string to_json(const std::vector<System>& systems, const Options& options, std::size_t segments) {
  Json json = {{"task", options.task}, {"segments", segments}, {"systems", Json::array()}};
  for (const System& system : systems) {
    Json entry = {{"file", system.file}, {"metrics", Json::object()}};
    for (const ScoredMetric& metric : system.metrics) entry["metrics"][metric.name] = metric.value;
    if (&system != &systems.front()) {
      for (const ScoredMetric& metric : system.metrics) {
        const PairedBootstrap& against = metric.against_first;
        entry["against_first"][metric.name] = {{"difference", against.difference},
                                               {"interval", {against.low, against.high}},
                                               {"p_value", against.p_value}};
      }
    }
    json["systems"].push_back(std::move(entry));
  }
  if (systems.size() > 1)
    json["bootstrap"] = {{"resamples", options.bootstrap.resamples}, {"seed", options.bootstrap.seed}};
  for (const ScoredMetric& metric : systems.front().metrics) {
    if (!metric.note.empty()) json["notes"][metric.name] = metric.note;
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

int score(const Options& options, const CommonOptions& common) {
  const Inputs inputs = read_inputs(options);
  const std::vector<System> systems = score_systems(options, inputs);
  print(common.json ? to_json(systems, options, inputs.references.size()) : to_table(systems, options.bootstrap));
  return 0;
}

}  // namespace

void add_score_command(CLI::App& program, CommonOptions& common, Action& action) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(program, common, "score", "Metrics of generated text, of any system's output",
                                  "hiddenkey score --task e2e --hyp outputs.txt --ref e2e/testset_w_refs.csv");
  command->add_option("--task", options->task, "Whose metrics: e2e or webnlg")
      ->required()
      ->check(CLI::IsMember({"e2e", "webnlg"}));
  command
      ->add_option("--hyp", options->hypotheses,
                   "One text a line, or .jsonl with \"text\"; each further file is compared with the first")
      ->required();
  command
      ->add_option(
          "--ref", options->references,
          "e2e: the data set's CSV, lines of mr||ref, or lines with an empty one between inputs; webnlg: one or "
          "more files of one reference a line, empty where it is missing, or its own JSON or XML")
      ->required();
  command->add_option("--meteor-data", options->meteor_data,
                      "METEOR's table of paraphrases, its data/paraphrase-en.gz; without one METEOR does without");
  command->add_option("--resamples", options->bootstrap.resamples, "Of the paired bootstrap that compares systems")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  command->add_option("--seed", options->bootstrap.seed, "Of the resamples")->capture_default_str();
  add_json_flag(*command, common);
  command->callback([options, &common, &action] { action = [options, &common] { return score(*options, common); }; });
}

}  // namespace hiddenkey
