#include "data/batch.h"

#include <algorithm>
#include <numeric>

#include "core/split_mix.h"

namespace hiddenkey {
namespace {

std::vector<std::vector<int64_t>> cut(const std::vector<int64_t>& order, int64_t batch_size) {
  std::vector<std::vector<int64_t>> batches;
  const auto size = static_cast<std::size_t>(batch_size);
  for (std::size_t begin = 0; begin < order.size(); begin += size) {
    const std::size_t end = std::min(order.size(), begin + size);
    batches.emplace_back(order.begin() + static_cast<int64_t>(begin), order.begin() + static_cast<int64_t>(end));
  }
  return batches;
}

void sort_longest_first(const Dataset& dataset, std::vector<int64_t>::iterator begin,
                        std::vector<int64_t>::iterator end) {
  std::stable_sort(begin, end, [&](int64_t a, int64_t b) {
    return dataset.examples[static_cast<std::size_t>(a)].ids.size() >
           dataset.examples[static_cast<std::size_t>(b)].ids.size();
  });
}

/// The rows of an example whose next token carries loss, and those tokens.
void label_next_tokens(const TokenExample& example, PackedBatch& batch) {
  if (example.prompt_length == 0) return;
  const int64_t first = batch.offsets.back();
  for (auto t = static_cast<std::size_t>(example.prompt_length); t < example.ids.size(); ++t) {
    batch.labelled.push_back(first + static_cast<int64_t>(t) - 1);
    batch.targets.push_back(example.ids[t]);
  }
}

/// The row of each word that has one, and the word's tag.
void label_words(const TokenExample& example, PackedBatch& batch) {
  const int64_t first = batch.offsets.back();
  for (std::size_t word = 0; word < example.word_places.size(); ++word) {
    if (example.word_places[word] < 0) continue;
    batch.labelled.push_back(first + example.word_places[word]);
    if (example.labels) batch.targets.push_back((*example.labels)[word]);
  }
}

int64_t loss_units_of(const TokenExample& example) {
  if (example.prompt_length > 0) return static_cast<int64_t>(example.ids.size()) - example.prompt_length;
  if (example.word_places.empty()) return 1;
  return std::count_if(example.word_places.begin(), example.word_places.end(),
                       [](int32_t place) { return place >= 0; });
}

}  // namespace

int64_t loss_units(const Dataset& dataset, std::span<const int64_t> indices) {
  int64_t units = 0;
  for (const int64_t index : indices) units += loss_units_of(dataset.examples[static_cast<std::size_t>(index)]);
  return units;
}

PackedBatch pack(const Dataset& dataset, std::span<const int64_t> indices) {
  PackedBatch batch;
  batch.offsets.push_back(0);
  for (const int64_t index : indices) {
    const TokenExample& example = dataset.examples[static_cast<std::size_t>(index)];
    batch.ids.insert(batch.ids.end(), example.ids.begin(), example.ids.end());
    batch.type_ids.insert(batch.type_ids.end(), example.type_ids.begin(), example.type_ids.end());
    const std::size_t before = batch.labelled.size();
    label_next_tokens(example, batch);
    label_words(example, batch);
    batch.rows_of.push_back(static_cast<int64_t>(batch.labelled.size() - before));
    batch.offsets.push_back(static_cast<int64_t>(batch.ids.size()));
    if (example.label) batch.labels.push_back(*example.label);
    if (example.labels && example.words.empty()) batch.label_sets.push_back(*example.labels);
  }
  return batch;
}

std::vector<std::vector<int64_t>> epoch_batches(const Dataset& dataset, int64_t batch_size, bool length_grouping,
                                                uint64_t seed, int64_t epoch) {
  // Two streams mixed once, so that (seed, epoch + 1) has nothing in common with (seed + 1, epoch).
  SplitMix random(SplitMix(seed).next() ^ SplitMix(~static_cast<uint64_t>(epoch)).next());
  std::vector<int64_t> order(dataset.examples.size());
  std::iota(order.begin(), order.end(), 0);
  shuffle(order, random);
  if (!length_grouping) return cut(order, batch_size);
  constexpr int64_t kGroup = 50;
  const int64_t group = kGroup * batch_size, count = static_cast<int64_t>(order.size());
  for (int64_t begin = 0; begin < count; begin += group) {
    sort_longest_first(dataset, order.begin() + begin, order.begin() + std::min(count, begin + group));
  }
  std::vector<std::vector<int64_t>> batches = cut(order, batch_size);
  shuffle(batches, random);
  return batches;
}

std::vector<std::vector<int64_t>> evaluation_batches(const Dataset& dataset, int64_t batch_size) {
  std::vector<int64_t> order(dataset.examples.size());
  std::iota(order.begin(), order.end(), 0);
  sort_longest_first(dataset, order.begin(), order.end());
  return cut(order, batch_size);
}

}  // namespace hiddenkey
