#include "report/run_predictions.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/text.h"
#include "data/data_file.h"
#include "data/table.h"
#include "data/table_lines.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

Table read_table(const std::filesystem::path& run) {
  const std::filesystem::path path = run / "predictions-dev.tsv";
  return parse_table(read_data_file(path), path.string(), TableFormat::kTsv);
}

/// The list of numbers in a field; null is NaN.
std::vector<double> read_numbers(const Table& table, std::size_t row, std::size_t column) {
  try {
    std::vector<double> numbers;
    for (const Json& number : Json::parse(table.field(row, column)))
      numbers.push_back(number.is_null() ? std::nan("") : number.get<double>());
    return numbers;
  } catch (const Json::exception&) {
    fail_at(table.source, table.lines[row], cat('"', table.field(row, column), "\" is no list of scores"));
  }
}

std::vector<std::vector<double>> read_scores(const Table& table, std::size_t outputs) {
  const std::size_t column = table.require("scores");
  std::vector<std::vector<double>> scores;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    scores.push_back(read_numbers(table, row, column));
    if (scores.back().size() != outputs)
      fail_at(table.source, table.lines[row], cat("has ", scores.back().size(), " scores for ", outputs, " labels"));
  }
  return scores;
}

/// Of each class its probability beside that of all others. Seven digits tell more of it where one is near 1.
std::vector<double> odds(const std::vector<double>& probabilities) {
  std::vector<double> result;
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    double others = 0;
    for (std::size_t other = 0; other < probabilities.size(); ++other) others += other == i ? 0 : probabilities[other];
    result.push_back(probabilities[i] / others);
  }
  return result;
}

class AnswerReader {
 public:
  AnswerReader(const Table& table, const std::vector<std::string>& names) : table_(table), names_(names) {}

  /// The number of a class, or a score.
  double read(std::size_t row, std::size_t column) const {
    const std::string& text = table_.field(row, column);
    if (names_.empty()) return score(text, table_.lines[row]);
    return static_cast<double>(number_of(text, row));
  }

  std::size_t number_of(const std::string& label, std::size_t row) const {
    const auto found = std::find(names_.begin(), names_.end(), label);
    if (found == names_.end())
      fail_at(table_.source, table_.lines[row], cat('"', label, "\" is no label of the run's task"));
    return static_cast<std::size_t>(found - names_.begin());
  }

  /// Which labels a field names, with commas between them.
  std::vector<uint8_t> read_set(std::size_t row, std::size_t column) const {
    std::vector<uint8_t> labels(names_.size(), uint8_t{0});
    const std::string& text = table_.field(row, column);
    if (text.empty()) return labels;
    for (const std::string& label : split(text, ',')) labels[number_of(label, row)] = 1;
    return labels;
  }

 private:
  double score(const std::string& text, int64_t line) const {
    double value = 0;
    const char* end = text.data() + text.size();
    const std::from_chars_result read = std::from_chars(text.data(), end, value);
    if (read.ec != std::errc() || read.ptr != end) fail_at(table_.source, line, cat('"', text, "\" is no number"));
    return value;
  }

  const Table& table_;
  const std::vector<std::string>& names_;
};

RunPredictions answers_of(const Table& table, const std::vector<std::string>& labels) {
  const std::size_t id = table.require("id"), label = table.require("label"), answer = table.require("prediction");
  const AnswerReader reader(table, labels);
  RunPredictions predictions;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    predictions.examples.push_back(cat(table.field(row, id), '\t', table.field(row, label)));
    predictions.labels.push_back(reader.read(row, label));
    predictions.answers.push_back(reader.read(row, answer));
  }
  return predictions;
}

}  // namespace

RunPredictions read_predictions(const std::filesystem::path& run, const std::vector<std::string>& labels) {
  return answers_of(read_table(run), labels);
}

RunPredictions read_class_scores(const std::filesystem::path& run, const std::vector<std::string>& labels) {
  const Table table = read_table(run);
  RunPredictions predictions = answers_of(table, labels);
  for (const std::vector<double>& row : read_scores(table, labels.size())) predictions.scores.push_back(odds(row));
  return predictions;
}

RunPredictions read_label_sets(const std::filesystem::path& run, const std::vector<std::string>& labels) {
  const Table table = read_table(run);
  for (const std::string& label : labels) {
    if (label.find(',') != std::string::npos)
      throw DataError(cat(table.source, ": the label \"", label, "\" has a comma, which parts labels there"));
  }
  const std::size_t id = table.require("id"), label = table.require("label"), answer = table.require("prediction");
  const AnswerReader reader(table, labels);
  RunPredictions predictions;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    predictions.examples.push_back(cat(table.field(row, id), '\t', table.field(row, label)));
    predictions.real_sets.push_back(reader.read_set(row, label));
    predictions.predicted_sets.push_back(reader.read_set(row, answer));
  }
  predictions.scores = read_scores(table, labels.size());
  return predictions;
}

RunPredictions read_tags(const std::filesystem::path& run, const std::vector<std::string>& labels) {
  const Table table = read_table(run);
  const std::size_t id = table.require("id"), word = table.require("word"), tag = table.require("tag"),
                    answer = table.require("prediction");
  const AnswerReader reader(table, labels);
  RunPredictions predictions;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const bool begins = row == 0 || table.field(row, id) != table.field(row - 1, id);
    if (begins) {
      predictions.examples.push_back(table.field(row, id));
      predictions.real_tags.emplace_back();
      predictions.predicted_tags.emplace_back();
    }
    predictions.examples.back() += cat('\t', table.field(row, word), '\t', table.field(row, tag));
    if (table.field(row, answer).empty()) continue;  // a word that was not read
    predictions.real_tags.back().push_back(static_cast<int>(reader.number_of(table.field(row, tag), row)));
    predictions.predicted_tags.back().push_back(static_cast<int>(reader.number_of(table.field(row, answer), row)));
  }
  return predictions;
}

RunPredictions read_texts(const std::filesystem::path& run) {
  const std::filesystem::path path = run / "generations-dev.jsonl";
  const std::string bytes = read_data_file(path);
  std::string_view rest = bytes, line;
  RunPredictions predictions;
  for (int64_t number = 1; next_line(rest, line); ++number) {
    try {
      const Json json = Json::parse(line);
      Segment& segment = predictions.segments.emplace_back();
      segment.hypothesis = json.at("text");
      segment.references = json.at("references").get<std::vector<std::string>>();
      predictions.examples.push_back(Json{json.at("id"), json.at("prompt"), json.at("references")}.dump());
    } catch (const Json::exception&) {
      fail_at(path.string(), number, "is not what a run writes of a text");
    }
  }
  return predictions;
}

}  // namespace hiddenkey
