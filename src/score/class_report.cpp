#include "score/class_report.h"

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

}  // namespace

ClassReport class_report(const std::vector<std::string>& names, const std::vector<int>& predictions,
                         const std::vector<int>& labels) {
  const ClassTally tally(predictions, labels, names.size());
  ClassReport report;
  for (std::size_t i = 0; i < names.size(); ++i) report.rows.push_back(class_row(names[i], tally.of[i]));
  report.averages = average_rows({"macro", "weighted"}, occurring(tally.of));
  report.baseline = class_baseline(names, labels);
  report.confusion.resize(names.size());
  for (std::size_t i = 0; i < labels.size(); ++i)
    ++report.confusion[static_cast<std::size_t>(labels[i])][static_cast<std::size_t>(predictions[i])];
  return report;
}

ClassReport label_report(const std::vector<std::string>& names, const LabelMatrix& predictions,
                         const LabelMatrix& labels) {
  const LabelTally tally(predictions, labels);
  ClassReport report;
  for (std::size_t i = 0; i < tally.of.size(); ++i) report.rows.push_back(class_row(names[i], tally.of[i]));
  report.averages = average_rows({"micro", "macro", "weighted"}, tally.of);
  report.baseline = label_baseline(names, labels);
  return report;
}

ClassReport entity_report(const std::vector<std::string>& tags, const std::vector<std::vector<int>>& predictions,
                          const std::vector<std::vector<int>>& labels) {
  const EntityTags reader(tags);
  EntityTally tally(reader);
  for (std::size_t i = 0; i < labels.size(); ++i) tally.add(reader, predictions[i], labels[i]);
  ClassReport report;
  for (std::size_t i = 0; i < tally.of.size(); ++i) {
    if (tally.of[i].predicted + tally.of[i].real > 0) report.rows.push_back(class_row(reader.types()[i], tally.of[i]));
  }
  report.averages = average_rows({"micro", "macro", "weighted"}, occurring(tally.of));
  report.baseline = tag_baseline(tags, labels);
  return report;
}

}  // namespace hiddenkey
