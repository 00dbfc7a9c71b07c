#include "report/example_tests.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <unordered_map>

#include "core/error.h"
#include "core/log.h"
#include "core/text.h"
#include "report/example_metric.h"
#include "report/statistics.h"

namespace hiddenkey {
namespace {

using Trials = std::map<Replicate, const Trial*>;
using Predictions = std::shared_ptr<const RunPredictions>;

/// The finished trials of each cell.
std::unordered_map<std::string, Trials> finished_cells(const Study& study) {
  std::unordered_map<std::string, Trials> cells;
  for (const Trial& trial : study.trials) {
    if (metric_of(study, trial)) cells[trial.cell][replicate_of(trial)] = &trial;
  }
  return cells;
}

/// Runs that a test does without, each with the reason.
class LeftOut {
 public:
  void add(const Trial& trial, const std::string& reason) {
    if (++count_ <= kNamed) named_.push_back(cat(trial.name, " (", reason, ')'));
  }

  void warn() const {
    if (count_ == 0) return;
    const std::string more = count_ > kNamed ? cat(" and ", count_ - kNamed, " more") : std::string();
    log::warning(cat("the tests over examples leave out ", join(named_, ", "), more));
  }

 private:
  static constexpr std::size_t kNamed = 3;
  std::size_t count_ = 0;
  std::vector<std::string> named_;
};

/// Reads what runs have predicted, once each.
class PredictionReader {
 public:
  PredictionReader(const Study& study, const ExampleMetric& metric) : study_(study), metric_(metric) {}

  /// Nothing where the run has to be left out.
  Predictions read(const Trial& trial) {
    try {
      auto run = std::make_shared<const RunPredictions>(metric_.read(trial.folder));
      const double found = metric_.of(*run), written = *metric_of(study_, trial);
      if (std::abs(found - written) <= metric_.tolerance() * std::max(1.0, std::abs(written))) return run;
      left_out_.add(trial, cat("its predictions give ", study_.metric, ' ', format_number(found),
                               ", and it has written ", format_number(written)));
    } catch (const Error& error) {
      left_out_.add(trial, error.what());
    }
    return nullptr;
  }

  LeftOut& left_out() { return left_out_; }

 private:
  const Study& study_;
  const ExampleMetric& metric_;
  LeftOut left_out_;
};

void add_pair(PairedRuns& runs, Predictions here, Predictions there) {
  const auto same = std::find_if(runs.pairs.begin(), runs.pairs.end(),
                                 [&](const RunPair& pair) { return pair.there->examples == there->examples; });
  const std::size_t first = same == runs.pairs.end() ? runs.examples : same->first;
  if (same == runs.pairs.end()) runs.examples += there->examples.size();
  runs.pairs.push_back({std::move(here), std::move(there), first});
}

PairedRuns paired(const Trials& trials, const std::map<Replicate, Predictions>& reference, PredictionReader& reader) {
  PairedRuns runs;
  for (const auto& [replicate, trial] : trials) {
    const auto there = reference.find(replicate);
    if (there == reference.end()) continue;
    Predictions here = reader.read(*trial);
    if (!here) continue;
    if (here->examples == there->second->examples) {
      add_pair(runs, std::move(here), there->second);
    } else {
      reader.left_out().add(*trial, "its examples are others than those of the cell that it is compared to");
    }
  }
  return runs;
}

void correct(std::vector<CellSummary>& cells) {
  std::vector<std::optional<double>> p;
  for (const CellSummary& cell : cells) p.push_back(cell.comparison ? cell.comparison->example_p : std::nullopt);
  const std::vector<std::optional<double>> corrected = holm(p);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (cells[i].comparison) cells[i].comparison->example_holm = corrected[i];
  }
}

}  // namespace

void add_example_tests(const Study& study, std::vector<CellSummary>& cells) {
  const std::unordered_map<std::string, Trials> finished = finished_cells(study);
  const auto compared_to = finished.find(study.compare_to);
  if (compared_to == finished.end()) return;
  const Trial& first = *compared_to->second.begin()->second;
  const std::unique_ptr<ExampleMetric> metric = example_metric(study.metric, first.task, first.labels);
  if (!metric) {
    log::info(
        cat("there are no tests over examples: ", study.metric, " is not computed from what is predicted of each"));
    return;
  }
  PredictionReader reader(study, *metric);
  std::map<Replicate, Predictions> reference;
  for (const auto& [replicate, trial] : compared_to->second) {
    if (Predictions run = reader.read(*trial)) reference.emplace(replicate, std::move(run));
  }
  for (CellSummary& cell : cells) {
    if (!cell.comparison) continue;
    const PairedRuns runs = paired(finished.at(cell.cell), reference, reader);
    if (runs.pairs.empty()) continue;
    cell.comparison->examples = static_cast<int64_t>(runs.examples);
    cell.comparison->example_p = metric->p(runs);
  }
  correct(cells);
  reader.left_out().warn();
}

}  // namespace hiddenkey
