#include <gtest/gtest.h>

#include "kernels/cpu/decode_attention.h"
#include "kernels/reference/decode_attention.h"
#include "model/decoder_cache.h"
#include "model/network.h"
#include "support/tiny_network.h"

namespace hiddenkey {
namespace {

Network random_network(const std::string& family, at::ScalarType type) {
  Architecture a = tiny(family);
  a.max_positions = 128;
  return Network(a, weights(a, at::kCPU, type));
}

using Rows = std::vector<std::vector<int64_t>>;

DeviceBatch packed(const Rows& rows) {
  std::vector<int64_t> offsets{0}, ids;
  for (const std::vector<int64_t>& row : rows) {
    ids.insert(ids.end(), row.begin(), row.end());
    offsets.push_back(static_cast<int64_t>(ids.size()));
  }
  DeviceBatch batch;
  batch.layout = make_layout(offsets, at::kCPU);
  batch.layout.picked_P = batch.layout.first_B + batch.layout.length_B - 1;
  batch.ids_N = at::tensor(ids, at::kLong);
  return batch;
}

/// What the head reads at each row's last token, without a cache.
at::Tensor whole_forward(const Network& network, const Rows& rows) {
  const DeviceBatch batch = packed(rows);
  return network.finish(network.prefix(batch, nullptr), DropoutScope{}, batch.layout, false);
}

/// Two rows a prompt that grow, change places and end: at each step the cache gives what a whole forward does.
double largest_difference(const std::string& family, at::ScalarType type) {
  const Network network = random_network(family, type);
  const Rows prompts{{3, 1, 4, 1, 5}, {9}, {2, 6, 5, 3, 5, 8, 9, 7, 9}};
  DecoderCache cache(2);
  double worst = (network.prefill(packed(prompts), cache) - whole_forward(network, prompts)).abs().max().item<double>();
  Rows rows{prompts[0], prompts[0], prompts[1], prompts[1], prompts[2], prompts[2]};
  uint64_t state = 1;
  const auto draw = [&] { return (state = state * 6364136223846793005U + 1442695040888963407U) >> 33U; };
  for (int step = 0; step < 100; ++step) {
    std::vector<int64_t> parents(rows.size()), ids;
    for (std::size_t i = 0; i < rows.size(); ++i) parents[i] = static_cast<int64_t>(i / 2 * 2 + draw() % 2);
    if (step > 0) {
      cache.reorder(parents);
      Rows next;
      for (const int64_t parent : parents) next.push_back(rows[parent]);
      rows = next;
    }
    for (std::vector<int64_t>& row : rows) {
      row.push_back(static_cast<int64_t>(draw() % 30));
      ids.push_back(row.back());
    }
    const at::Tensor out = network.decode_step(at::tensor(ids, at::kLong), cache);
    worst = std::max(worst, (out - whole_forward(network, rows)).abs().max().item<double>());
    if (step == 40) {
      cache.keep({0, 1, 4, 5});
      rows = {rows[0], rows[1], rows[4], rows[5]};
    }
    for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(cache.lengths()[i], static_cast<int64_t>(rows[i].size()));
  }
  return worst;
}

// Rounding of three layers whose values are of size 1 to 10.
TEST(DecoderCache, GivesWhatAWholeForwardDoes) {
  for (const std::string family : {"gpt2", "llama", "qwen3"}) {
    EXPECT_LT(largest_difference(family, at::kFloat), 2e-5) << family;
    EXPECT_LT(largest_difference(family, at::kDouble), 1e-5) << family;  // rotary angles are float32
  }
}

TEST(DecodeAttention, FusedEqualsPlain) {
  const at::Tensor qkv = at::randn({3, 100}), kv = at::randn({60, 40});
  CachedRows cached;
  cached.row_RS = at::randint(60, {3, 20}, at::kLong);
  cached.lengths = {1, 20, 7};
  cached.length_R = at::tensor(cached.lengths, at::kLong);
  cached.longest = 20;
  for (const int64_t reach : {0, 4, 100}) {
    const AttentionShape shape{6, 2, 10, true, reach};
    const at::Tensor fused = cpu::decode_attention(qkv, kv, cached, shape);
    const at::Tensor plain = reference::decode_attention(qkv.to(at::kDouble), kv.to(at::kDouble), cached, shape);
    EXPECT_LT((fused.to(at::kDouble) - plain).abs().max().item<double>(), 2e-6) << reach;
  }
}

TEST(DecodeAttention, OfAWindowReadsItsLastPositionsAlone) {
  const at::Tensor qkv = at::randn({1, 100}, at::kDouble), kv = at::randn({20, 40}, at::kDouble);
  const auto decode = [&](int64_t first, int64_t length, int64_t reach) {
    CachedRows cached;
    cached.row_RS = at::arange(first, first + length).unsqueeze(0);
    cached.lengths = {length};
    cached.length_R = at::tensor(cached.lengths, at::kLong);
    cached.longest = length;
    return reference::decode_attention(qkv, kv, cached, {6, 2, 10, true, reach});
  };
  EXPECT_TRUE(decode(0, 20, 4).allclose(decode(15, 5, 0), 1e-12));
}

TEST(Network, HoldsNoWeightTwice) {
  const Architecture a = tiny("llama", HeadUse::kLanguage);
  std::unordered_map<std::string, at::Tensor> table = weights(a, at::kCPU, at::kFloat);
  const at::Tensor query = table.at("layers.0.attention.query.weight");
  const Network network(a, std::move(table));
  EXPECT_EQ(query.use_count(), 1) << "it was copied into the matrix of query, key and value";
}

}  // namespace
}  // namespace hiddenkey
