#include "data/batch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace hiddenkey {
namespace {

Dataset dataset(std::size_t count) {
  Dataset data;
  for (std::size_t i = 0; i < count; ++i) {
    TokenExample example;
    example.ids.assign(1 + i * 7 % 13, static_cast<int32_t>(i));
    example.type_ids.assign(example.ids.size(), 0);
    example.label = static_cast<double>(i % 2);
    data.examples.push_back(example);
  }
  return data;
}

std::vector<int64_t> flat(const std::vector<std::vector<int64_t>>& batches) {
  std::vector<int64_t> all;
  for (const auto& batch : batches) all.insert(all.end(), batch.begin(), batch.end());
  return all;
}

TEST(EpochBatches, HoldEachExampleOnceInAnOrderOfSeedAndEpochAlone) {
  const Dataset data = dataset(103);
  for (const bool grouping : {false, true}) {
    const auto first = epoch_batches(data, 8, grouping, 1, 0);
    EXPECT_EQ(first.size(), 13U);
    std::vector<int64_t> all = flat(first), expected(103);
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_NE(all, expected);
    std::sort(all.begin(), all.end());
    EXPECT_EQ(all, expected);
    EXPECT_EQ(first, epoch_batches(data, 8, grouping, 1, 0));
    EXPECT_NE(first, epoch_batches(data, 8, grouping, 1, 1));
    EXPECT_NE(first, epoch_batches(data, 8, grouping, 2, 0));
  }
}

TEST(EpochBatches, StayTheSameOrderForAllTime) {
  // By the generator and the shuffle written once more, in Python.
  const Dataset data = dataset(12);
  EXPECT_EQ(flat(epoch_batches(data, 5, false, 42, 3)), (std::vector<int64_t>{6, 7, 10, 3, 2, 9, 5, 11, 0, 1, 8, 4}));
  EXPECT_EQ(flat(epoch_batches(data, 5, false, 42, 0)), (std::vector<int64_t>{4, 7, 0, 2, 9, 10, 1, 11, 6, 3, 5, 8}));
}

TEST(EpochBatches, LengthGroupingPutsLikeLengthsTogether) {
  const Dataset data = dataset(400);
  const auto spread = [&](bool grouping) {
    std::size_t sum = 0;
    for (const auto& batch : epoch_batches(data, 8, grouping, 1, 0)) {
      std::size_t shortest = 100, longest = 0;
      for (const int64_t index : batch) {
        const std::size_t size = data.examples[static_cast<std::size_t>(index)].ids.size();
        shortest = std::min(shortest, size);
        longest = std::max(longest, size);
      }
      sum += longest - shortest;
    }
    return sum;
  };
  EXPECT_LT(spread(true) * 5, spread(false));
}

TEST(EvaluationBatches, AreLongestFirstAndComplete) {
  const Dataset data = dataset(50);
  const std::vector<int64_t> order = flat(evaluation_batches(data, 8));
  EXPECT_EQ(order.size(), 50U);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return data.examples[static_cast<std::size_t>(a)].ids.size() >
           data.examples[static_cast<std::size_t>(b)].ids.size();
  }));
}

TEST(Pack, PutsSequencesBehindEachOther) {
  const Dataset data = dataset(5);
  const std::vector<int64_t> indices = {3, 0};
  const PackedBatch batch = pack(data, indices);
  EXPECT_EQ(batch.offsets, (std::vector<int64_t>{0, 9, 10}));
  EXPECT_EQ(batch.ids.front(), 3);
  EXPECT_EQ(batch.ids.back(), 0);
  EXPECT_EQ(batch.labels, (std::vector<double>{1, 0}));
}

}  // namespace
}  // namespace hiddenkey
