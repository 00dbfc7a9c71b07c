#include "score/class_report.h"

#include <algorithm>
#include <map>

#include "core/text.h"
#include "score/class_tally.h"

namespace hiddenkey {
namespace {

ReportRow class_row(const std::string& name, const HitCounts& counts) {
  return {name, counts.precision(), counts.recall(), counts.f1(), counts.real};
}

std::vector<ReportRow> average_rows(const std::vector<std::string>& averages, const std::vector<HitCounts>& counts) {
  std::vector<ReportRow> rows;
  for (const std::string& name : averages) {
    const auto value = [&](const char* measure) { return *averaged_metric(cat(measure, "_", name), counts); };
    rows.push_back({name, value("precision"), value("recall"), value("f1"), sum_of(counts).real});
  }
  return rows;
}

/// Counts answers, each the numbers of what it names: one class, or a set of labels.
using Answers = std::map<std::vector<int>, int64_t>;

/// The answer that comes up most often, of several the first one.
Baseline baseline_of(const Answers& answers, const std::vector<std::string>& names) {
  if (answers.empty()) return {};
  int64_t all = 0;
  for (const auto& [answer, count] : answers) all += count;
  const auto most = std::max_element(answers.begin(), answers.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  std::vector<std::string> parts;
  for (const int number : most->first) parts.push_back(names[static_cast<std::size_t>(number)]);
  return {parts.empty() ? "none" : join(parts, ", "), static_cast<double>(most->second) / static_cast<double>(all)};
}

std::vector<int> numbers_of(const std::vector<uint8_t>& labels) {
  std::vector<int> numbers;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] != 0) numbers.push_back(static_cast<int>(i));
  }
  return numbers;
}

}  // namespace

ClassReport class_report(const std::vector<std::string>& names, const std::vector<int>& predictions,
                         const std::vector<int>& labels) {
  const ClassTally tally(predictions, labels, names.size());
  ClassReport report;
  for (std::size_t i = 0; i < names.size(); ++i) report.rows.push_back(class_row(names[i], tally.of[i]));
  report.averages = average_rows({"macro", "weighted"}, occurring(tally.of));
  report.confusion.assign(names.size(), std::vector<int64_t>(names.size(), 0));
  Answers answers;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    ++report.confusion[static_cast<std::size_t>(labels[i])][static_cast<std::size_t>(predictions[i])];
    ++answers[{labels[i]}];
  }
  report.baseline = baseline_of(answers, names);
  return report;
}

ClassReport label_report(const std::vector<std::string>& names, const LabelMatrix& predictions,
                         const LabelMatrix& labels) {
  const LabelTally tally(predictions, labels);
  ClassReport report;
  for (std::size_t i = 0; i < tally.of.size(); ++i) report.rows.push_back(class_row(names[i], tally.of[i]));
  report.averages = average_rows({"micro", "macro", "weighted"}, tally.of);
  Answers answers;
  for (const std::vector<uint8_t>& row : labels) ++answers[numbers_of(row)];
  report.baseline = baseline_of(answers, names);
  return report;
}

ClassReport entity_report(const std::vector<std::string>& tags, const std::vector<std::vector<int>>& predictions,
                          const std::vector<std::vector<int>>& labels) {
  const EntityTags reader(tags);
  EntityTally tally(reader);
  Answers answers;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    tally.add(reader, predictions[i], labels[i]);
    for (const int tag : labels[i]) ++answers[{tag}];
  }
  ClassReport report;
  for (std::size_t i = 0; i < tally.of.size(); ++i) {
    if (tally.of[i].predicted + tally.of[i].real > 0) report.rows.push_back(class_row(reader.types()[i], tally.of[i]));
  }
  report.averages = average_rows({"micro", "macro", "weighted"}, occurring(tally.of));
  report.baseline = baseline_of(answers, tags);
  return report;
}

}  // namespace hiddenkey
