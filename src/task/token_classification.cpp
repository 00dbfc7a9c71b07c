#include <algorithm>
#include <atomic>

#include "core/error.h"
#include "core/text.h"
#include "data/all_cores.h"
#include "io/send.h"
#include "score/class_ranking.h"
#include "score/entity_tally.h"
#include "task/class_balance.h"
#include "task/kinds.h"

namespace hiddenkey {
namespace {

bool has_rows(const TokenExample& example) {
  return std::any_of(example.word_places.begin(), example.word_places.end(), [](int32_t place) { return place >= 0; });
}

/// Each word's first id carries its tag, as in Transformers' run_ner; the others are not in the loss.
class TokenClassification : public Task {
 public:
  using Task::Task;

  Dataset tokenize(const std::vector<TextExample>& examples, const Tokenizer& tokenizer, int64_t max_length,
                   const std::string& split) const override {
    Dataset dataset;
    dataset.split = split;
    dataset.examples.resize(examples.size());
    std::atomic<int64_t> truncated{0};
    on_all_cores(examples.size(), [&](std::size_t i) {
      WordEncoding encoding = tokenizer.encode_words(examples[i].words, static_cast<int>(max_length));
      truncated += encoding.truncated ? 1 : 0;
      TokenExample& example = dataset.examples[i];
      example.id = examples[i].id;
      example.ids = std::move(encoding.ids);
      example.type_ids = std::move(encoding.type_ids);
      example.words = examples[i].words;
      example.word_places = std::move(encoding.word_places);
      example.labels = examples[i].labels;
    });
    if (split == "train") leave_out_unread(dataset);
    for (const TokenExample& example : dataset.examples) dataset.tokens += static_cast<int64_t>(example.ids.size());
    dataset.truncated = truncated;
    return dataset;
  }

  void add_targets(const PackedBatch& packed, const Architecture& /*architecture*/, DeviceBatch& batch) const override {
    const at::Device device = batch.ids_N.device();
    batch.layout.picked_P = send(packed.labelled, device);
    if (!packed.targets.empty()) batch.labels_P = send(packed.targets, device);
  }

  std::vector<int64_t> rows_read(const PackedBatch& packed) const override { return packed.rows_of; }

  /// Means over the labelled words.
  Losses losses(const Head& /*head*/, const Pass& one, const Pass* two, const DeviceBatch& batch,
                const Objective& objective) const override {
    return class_losses(one, two, batch.labels_P, objective);
  }

  std::optional<LabelForm> predicts() const override { return LabelForm::kWords; }
  PredictionTable predictions(const Dataset& dataset, const Logits& logits) const override {
    PredictionTable table{LabelForm::kWords, info.labels, {}};
    for (std::size_t i = 0; i < logits.size(); ++i) table.rows.push_back(row_of(dataset.examples[i], logits[i]));
    return table;
  }

  /// Of the words that are in the loss.
  std::vector<double> balanced_weights(const Dataset& train) const override {
    std::vector<int64_t> counts(info.labels.size(), 0);
    for (const TokenExample& example : train.examples) {
      for (const int tag : tags_read(example)) ++counts[static_cast<std::size_t>(tag)];
    }
    return balanced(info.labels, counts);
  }
  double weight_of(const TokenExample& example, const std::vector<double>& class_weights) const override {
    double sum = 0;
    for (const int tag : tags_read(example)) sum += class_weights[static_cast<std::size_t>(tag)];
    return sum;
  }

  std::optional<Baseline> baseline(const Dataset& dataset) const override {
    std::vector<std::vector<int>> real;
    for (const TokenExample& example : dataset.examples) {
      if (!example.labels) return std::nullopt;
      real.push_back(tags_read(example));
    }
    const Baseline baseline = tag_baseline(info.labels, real);
    return baseline.answer.empty() ? std::nullopt : std::make_optional(baseline);
  }

  std::optional<ClassReport> report(const Dataset& dataset, const Logits& logits) const override {
    const std::optional<ReadTags> tags = read_tags(dataset, logits);
    return tags ? std::make_optional(entity_report(info.labels, tags->predicted, tags->real)) : std::nullopt;
  }

  std::string why_left_out(int64_t max_length) const override {
    return cat("have no word of which the tokenizer makes a token within ", max_length, " tokens, and were left out");
  }

 protected:
  Measures measure(const Dataset& dataset, const Logits& logits) const override {
    const std::optional<ReadTags> read = read_tags(dataset, logits);
    if (!read) return {};
    const EntityTags tags(info.labels);
    EntityTally tally(tags);
    for (std::size_t i = 0; i < logits.size(); ++i) tally.add(tags, read->predicted[i], read->real[i]);
    return measures_of(info, read->loss / tally.words,
                       [&](const std::vector<std::string>& names) { return entity_metrics(names, tally); });
  }

 private:
  /// The tags of an example's words that were read.
  static std::vector<int> tags_read(const TokenExample& example) {
    std::vector<int> tags;
    for (std::size_t word = 0; word < example.word_places.size(); ++word) {
      if (example.word_places[word] >= 0) tags.push_back((*example.labels)[word]);
    }
    return tags;
  }

  /// Of the words that were read, as run_ner has it.
  struct ReadTags {
    std::vector<std::vector<int>> predicted, real;
    double loss = 0;  ///< the sum over the words
  };

  /// Nothing where the split has no tags.
  std::optional<ReadTags> read_tags(const Dataset& dataset, const Logits& logits) const {
    ReadTags read;
    for (std::size_t i = 0; i < logits.size(); ++i) {
      const TokenExample& example = dataset.examples[i];
      if (!example.labels) return std::nullopt;
      std::vector<int>&predicted = read.predicted.emplace_back(), &real = read.real.emplace_back();
      for_each_read(example, logits[i], [&](std::size_t word, const float* row) {
        predicted.push_back(best_of(row));
        real.push_back((*example.labels)[word]);
        read.loss += negative_log_likelihood(row, info.num_outputs(), real.back());
      });
    }
    return read;
  }

  /// A training example without a word that is read has no loss.
  static void leave_out_unread(Dataset& dataset) {
    dataset.left_out = static_cast<int64_t>(
        std::erase_if(dataset.examples, [](const TokenExample& example) { return !has_rows(example); }));
    if (dataset.examples.empty())
      throw DataError(cat("no example of the split ", dataset.split, " has a word that the tokenizer can read"));
  }

  int best_of(const float* row) const {
    return static_cast<int>(std::max_element(row, row + info.num_outputs()) - row);
  }

  /// Calls `visit` with each word that was read and its logits.
  template <class Visit>
  void for_each_read(const TokenExample& example, const std::vector<float>& logits, const Visit& visit) const {
    const float* row = logits.data();
    for (std::size_t word = 0; word < example.word_places.size(); ++word) {
      if (example.word_places[word] < 0) continue;
      visit(word, row);
      row += info.num_outputs();
    }
  }

  PredictionRow row_of(const TokenExample& example, const std::vector<float>& logits) const {
    PredictionRow row{example.id, {}, {}, {}, {}, "", example.words};
    row.prediction.resize(example.words.size());
    row.scores.resize(example.words.size());
    for (const int32_t label : example.labels.value_or(std::vector<int32_t>()))
      row.truth.push_back(info.labels[static_cast<std::size_t>(label)]);
    for_each_read(example, logits, [&](std::size_t word, const float* of_word) {
      const auto best = static_cast<std::size_t>(best_of(of_word));
      row.prediction[word] = info.labels[best];
      row.scores[word] = probabilities({of_word, of_word + info.num_outputs()})[best];
    });
    return row;
  }
};

}  // namespace

std::unique_ptr<Task> make_token_classification(TaskInfo info) {
  return std::make_unique<TokenClassification>(std::move(info));
}

}  // namespace hiddenkey
