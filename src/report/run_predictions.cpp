#include "report/run_predictions.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/text.h"
#include "data/data_file.h"
#include "data/table.h"
#include "data/table_lines.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

class AnswerReader {
 public:
  AnswerReader(const Table& table, const std::vector<std::string>& names) : table_(table), names_(names) {}

  /// The number of a class, or a score.
  double read(std::size_t row, std::size_t column) const {
    const std::string& text = table_.field(row, column);
    if (names_.empty()) return score(text, table_.lines[row]);
    const auto found = std::find(names_.begin(), names_.end(), text);
    if (found == names_.end())
      fail_at(table_.source, table_.lines[row], cat('"', text, "\" is no label of the run's task"));
    return static_cast<double>(found - names_.begin());
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

}  // namespace

RunPredictions read_predictions(const std::filesystem::path& run, const std::vector<std::string>& labels) {
  const std::filesystem::path path = run / "predictions-dev.tsv";
  const Table table = parse_table(read_data_file(path), path.string(), TableFormat::kTsv);
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
