#include "task/word_predictions.h"

#include <functional>

#include "core/text.h"
#include "data/delimited.h"

namespace hiddenkey {
namespace {

constexpr const char* kUnread = "_";  // what CoNLL's files have for nothing

std::string or_unread(const std::string& tag) { return tag.empty() ? kUnread : tag; }

std::string true_tag(const PredictionRow& row, std::size_t word) { return row.truth.empty() ? "" : row.truth[word]; }

std::string conll_text(const PredictionRow& row, bool with_truth) {
  std::string text;
  for (std::size_t word = 0; word < row.words.size(); ++word) {
    text += tsv_field(row.words[word]);
    if (with_truth) text += "\t" + or_unread(true_tag(row, word));
    text += cat("\t", or_unread(row.prediction[word]), "\n");
  }
  return text + "\n";
}

std::string table_lines(const PredictionRow& row, bool with_truth, const char* between,
                        const std::function<std::string(const std::string&)>& field) {
  std::string text;
  for (std::size_t word = 0; word < row.words.size(); ++word) {
    text += cat(field(row.id), between, field(row.words[word]), between);
    if (with_truth) text += cat(field(true_tag(row, word)), between);
    const bool read = !row.prediction[word].empty();
    text += cat(field(row.prediction[word]), between, read ? shortest(row.scores[word]) : "", "\n");
  }
  return text;
}

std::string json_list(const std::vector<std::string>& texts) {
  std::vector<std::string> parts;
  for (const std::string& text : texts) parts.push_back(text.empty() ? "null" : json_text(text));
  return "[" + join(parts, ", ") + "]";
}

std::string json_line(const PredictionRow& row, bool with_truth) {
  std::vector<std::string> words, scores;
  for (std::size_t word = 0; word < row.words.size(); ++word) {
    words.push_back(json_text(row.words[word]));
    scores.push_back(row.prediction[word].empty() ? "null" : json_number(row.scores[word]));
  }
  std::string text = cat("{\"id\": ", json_text(row.id), ", \"tokens\": [", join(words, ", "), "]");
  text += cat(", \"tags\": ", json_list(with_truth ? row.truth : row.prediction));
  if (with_truth) text += cat(", \"predictions\": ", json_list(row.prediction));
  return cat(text, ", \"scores\": [", join(scores, ", "), "]}\n");
}

std::string lines_of(const PredictionTable& table, PredictionFormat format, bool with_truth) {
  std::string text;
  if (format == PredictionFormat::kTsv)
    text = with_truth ? "id\tword\ttag\tprediction\tscore\n" : "id\tword\ttag\tscore\n";
  if (format == PredictionFormat::kCsv) text = with_truth ? "id,word,tag,prediction,score\n" : "id,word,tag,score\n";
  for (const PredictionRow& row : table.rows) {
    if (format == PredictionFormat::kConll) text += conll_text(row, with_truth);
    if (format == PredictionFormat::kTsv) text += table_lines(row, with_truth, "\t", tsv_field);
    if (format == PredictionFormat::kCsv) text += table_lines(row, with_truth, ",", csv_field);
    if (format == PredictionFormat::kJsonl) text += json_line(row, with_truth);
  }
  return text;
}

}  // namespace

std::string word_lines(const PredictionTable& table, PredictionFormat format) { return lines_of(table, format, false); }

std::string dev_word_lines(const PredictionTable& table, PredictionFormat format) {
  return lines_of(table, format, true);
}

}  // namespace hiddenkey
