#include "score/show_report.h"

#include <algorithm>
#include <cstdio>

#include "core/printable.h"
#include "core/text.h"
#include "core/utf8.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostRows = 20, kMostConfusions = 10;
constexpr std::size_t kWidestName = 40;  ///< characters of a class in a table; the rest is left out
constexpr std::size_t kLineWidth = 100;

std::string fixed(double value, const char* format) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

/// The characters of a name, which has as many columns on a terminal but for wide scripts.
std::size_t width_of(const std::string& name) {
  std::size_t width = 0;
  for (std::size_t place = 0; place < name.size(); ++width) next_character(name, place);
  return width;
}

/// One line, and not too long a one.
std::string short_name(const std::string& name) {
  std::string shown = printable(name);
  if (width_of(shown) <= kWidestName) return shown;
  std::size_t place = 0;
  for (std::size_t i = 0; i + 3 < kWidestName; ++i) next_character(shown, place);
  return shown.substr(0, place) + "...";
}

using Cells = std::vector<std::vector<std::string>>;

/// The first column to the left, the others to the right, two blanks in between.
std::string aligned(const Cells& cells) {
  std::vector<std::size_t> widths;
  for (const std::vector<std::string>& row : cells) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text;
  for (const std::vector<std::string>& row : cells) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string blanks(widths[i] - width_of(row[i]), ' ');
      text += i == 0 ? row[i] + blanks : "  " + blanks + row[i];
    }
    text += '\n';
  }
  return text;
}

void add_row(const ReportRow& row, Cells& cells) {
  std::vector<std::string> line = {short_name(row.name)};
  for (const double value : {row.precision, row.recall, row.f1}) line.push_back(fixed(value, "%.4f"));
  line.push_back(fixed(row.support, "%.0f"));
  cells.push_back(line);
}

std::string class_table(const ClassReport& report) {
  std::vector<ReportRow> rows = report.rows;
  std::string text;
  if (rows.size() > kMostRows) {
    std::stable_sort(rows.begin(), rows.end(), [](const ReportRow& a, const ReportRow& b) {
      return a.f1 != b.f1 ? a.f1 < b.f1 : a.support > b.support;
    });
    text = cat("the ", kMostRows, " with the lowest f1, of ", rows.size(), ":\n");
    rows.resize(kMostRows);
  }
  Cells cells = {{"class", "precision", "recall", "f1", "support"}};
  for (const ReportRow& row : rows) add_row(row, cells);
  for (ReportRow row : report.averages) {
    row.name = cat("(", row.name, ")");
    add_row(row, cells);
  }
  return text + aligned(cells);
}

/// With the classes' names over the columns, or their numbers where names take too much room.
std::string confusion_matrix(const ClassReport& report, bool numbered) {
  const auto number = [&](std::size_t i) { return numbered ? std::to_string(i + 1) : ""; };
  Cells cells = {{""}};
  for (std::size_t i = 0; i < report.rows.size(); ++i)
    cells.front().push_back(numbered ? number(i) : short_name(report.rows[i].name));
  for (std::size_t label = 0; label < report.rows.size(); ++label) {
    const std::string name = short_name(report.rows[label].name);
    std::vector<std::string>& line = cells.emplace_back();
    line.push_back(numbered ? cat(number(label), " ", name) : name);
    for (std::size_t i = 0; i < report.rows.size(); ++i) {
      const auto found = report.confusion[label].find(i);
      line.push_back(std::to_string(found == report.confusion[label].end() ? 0 : found->second));
    }
  }
  return "how often a class (row) was taken for which (column):\n" + aligned(cells);
}

std::string frequent_confusions(const ClassReport& report) {
  struct Confusion {
    std::size_t label, prediction;
    int64_t examples;
  };
  std::vector<Confusion> confusions;
  for (std::size_t label = 0; label < report.confusion.size(); ++label) {
    for (const auto& [prediction, examples] : report.confusion[label]) {
      if (prediction != label) confusions.push_back({label, prediction, examples});
    }
  }
  if (confusions.empty()) return "no example was taken for another class\n";
  std::stable_sort(confusions.begin(), confusions.end(),
                   [](const Confusion& a, const Confusion& b) { return a.examples > b.examples; });
  confusions.resize(std::min(confusions.size(), kMostConfusions));
  Cells cells = {{"class", "taken for", "examples"}};
  for (const Confusion& one : confusions) {
    cells.push_back({short_name(report.rows[one.label].name), short_name(report.rows[one.prediction].name),
                     std::to_string(one.examples)});
  }
  return "the most frequent confusions:\n" + aligned(cells);
}

std::string confusion_text(const ClassReport& report) {
  if (report.confusion.empty()) return "";
  if (report.rows.size() > kMostRows) return "\n" + frequent_confusions(report);
  const std::string named = confusion_matrix(report, /*numbered=*/false);
  const std::size_t first = named.find('\n') + 1, width = named.find('\n', first) - first;
  return "\n" + (width <= kLineWidth ? named : confusion_matrix(report, /*numbered=*/true));
}

}  // namespace

std::string describe_baseline(const Baseline& baseline) {
  return cat("always answering \"", short_name(baseline.answer), "\" has an accuracy of ",
             fixed(baseline.accuracy, "%.4f"));
}

std::string report_text(const ClassReport& report) { return class_table(report) + confusion_text(report); }

Json report_json(const ClassReport& report) {
  Json json = {{"baseline", {{"answer", report.baseline.answer}, {"accuracy", report.baseline.accuracy}}},
               {"classes", Json::array()}};
  for (const ReportRow& row : report.rows) {
    json["classes"].push_back({{"name", row.name},
                               {"precision", row.precision},
                               {"recall", row.recall},
                               {"f1", row.f1},
                               {"support", static_cast<int64_t>(row.support)}});
  }
  for (std::size_t label = 0; label < report.confusion.size(); ++label) {
    Json& counts = json["confusion"][report.rows[label].name] = Json::object();
    for (const auto& [prediction, examples] : report.confusion[label]) counts[report.rows[prediction].name] = examples;
  }
  return json;
}

}  // namespace hiddenkey
