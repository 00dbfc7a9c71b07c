#include "train/memory.h"

#include <algorithm>

#include "data/batch.h"
#include "run/device.h"
#include "train/step_plan.h"

/// N tokens of a micro-batch, D model, F feed-forward, W query, key and value together.
namespace hiddenkey {
namespace {

struct BatchSize {
  int64_t tokens = 0;
  int64_t pairs = 0;  ///< of tokens of one sequence, with padding: what a mask of single attention weights covers
};

BatchSize size_of(const Dataset& dataset, const std::vector<int64_t>& indices) {
  BatchSize size;
  int64_t longest = 0;
  for (const int64_t index : indices) {
    const auto length = static_cast<int64_t>(dataset.examples[static_cast<std::size_t>(index)].ids.size());
    size.tokens += length;
    longest = std::max(longest, length);
  }
  size.pairs = static_cast<int64_t>(indices.size()) * longest * longest;
  return size;
}

/// Of all batches that the run will see; of a long run, of as many epochs as a few million examples make.
BatchSize longest_batch(const Job& job) {
  constexpr int64_t kMostExamples = 4'000'000;
  const TrainingConfig& config = job.config.training;
  const auto examples = static_cast<int64_t>(job.train.examples.size());
  const StepPlan plan = plan_steps(config, examples);
  BatchSize longest;
  int64_t seen = 0;
  for (int64_t first = 0; first < plan.total_steps && seen < kMostExamples; first += plan.steps_per_epoch) {
    const int64_t steps = std::min(plan.steps_per_epoch, plan.total_steps - first);
    const auto batches = epoch_batches(job.train, config.batch_size, config.length_grouping,
                                       static_cast<uint64_t>(config.seed), first / plan.steps_per_epoch);
    const auto count = std::min(static_cast<std::size_t>(steps * config.gradient_accumulation), batches.size());
    for (std::size_t i = 0; i < count; ++i) {
      const BatchSize size = size_of(job.train, batches[i]);
      if (size.tokens > longest.tokens) longest = size;
    }
    seen += examples;
  }
  return longest;
}

bool keeps_input(const Linear& linear) { return linear.weight_OI.requires_grad() || !linear.adapters.empty(); }

/// Numbers that a layer keeps for its adapters beside its input: the low-rank products, inputs of their own where those
/// are dropped, and what a magnitude scales.
int64_t kept_by_adapters(const Linear& linear) {
  int64_t numbers = 0;
  for (const LowRank& term : linear.adapters) {
    numbers += term.a_RI.size(0) + (term.dropout > 0 ? term.a_RI.size(1) : 0);
    if (term.magnitude_O.defined()) numbers += term.outputs();
  }
  return numbers;
}

/// Numbers that a block keeps of each token for the backward pass, as its layers' functions save them.
int64_t kept_by(const Block& block) {
  const int64_t width_D = block.output.weight_OI.size(0), width_W = block.qkv.weight_OI.size(0);
  const int64_t attended = block.output.weight_OI.size(1), hidden = block.up.weight_OI.size(0);
  int64_t numbers = width_W + attended + 2 * width_D + hidden;  // attention, both norms' inputs, the activation's input
  if (block.gated && block.activation != Activation::kSilu) numbers += hidden;
  if (block.key_norm) numbers += width_W;
  if (keeps_input(block.qkv)) numbers += width_D;
  if (keeps_input(block.up)) numbers += width_D;
  if (keeps_input(block.down)) numbers += block.down.weight_OI.size(1);
  for (const Linear* linear : {&block.qkv, &block.output, &block.up, &block.down}) numbers += kept_by_adapters(*linear);
  return numbers;
}

/// Numbers that the last block of an encoder keeps of each token: keys and values alone, since the head reads one row
/// of a sequence.
int64_t kept_by_last(const Block& block) {
  const int64_t width_D = block.output.weight_OI.size(0);
  return 2 * width_D + (keeps_input(block.qkv) ? width_D : 0) + kept_by_adapters(block.qkv);
}

/// Numbers of each token that live for a moment while a block is computed or differentiated.
int64_t passing(const Block& block) { return 3 * block.output.weight_OI.size(0) + 2 * block.up.weight_OI.size(0); }

/// Bytes of the masks of single attention weights, for each pair of tokens and head; other masks hardly count.
int64_t mask_bytes(const LayerPlan& layer) {
  int64_t bytes = 0;
  for (const PositionRow& row : kPositionRows) {
    const std::optional<Site>& site = layer.sites[row.position];
    bytes += row.part == NetworkPart::kAttention && site && site->pattern == Pattern::kElement ? 1 : 0;
  }
  return bytes + (layer.pretrained > 0 ? 4 : 0);
}

/// How many passes keep their activations.
int64_t passes_kept(const ConsistencyConfig& config) {
  if (config.loss.value_or(ConsistencyLoss::kNone) == ConsistencyLoss::kNone) return 1;
  const bool both = config.backward == ConsistencyBackward::kBoth || config.passes == ConsistencyPasses::kBatched;
  return both ? 2 : 1;
}

/// The size of a number in what the network computes.
int64_t number_size(const Job& job) {
  return static_cast<int64_t>(job.model->network.blocks.front().qkv.weight_OI.element_size());
}

int64_t training_activations(const Job& job) {
  const std::vector<Block>& blocks = job.model->network.blocks;
  const Architecture& a = job.model->hub.architecture;
  const int64_t number = number_size(job);
  const BatchSize batch = longest_batch(job);
  int64_t kept = 0, largest = 0;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const bool last = i + 1 == blocks.size() && !a.causal && !a.reads_any_row();
    const int64_t bytes = batch.tokens * (last ? kept_by_last(blocks[i]) : kept_by(blocks[i])) * number +
                          batch.pairs * a.num_heads * mask_bytes(job.plan.layers[i]);
    kept += bytes;
    largest = std::max(largest, bytes);
  }
  if (job.config.training.activation_checkpointing)
    kept = largest + a.num_layers * batch.tokens * a.hidden_size * number;
  return passes_kept(job.config.consistency) * kept + batch.tokens * passing(blocks.front()) * number;
}

/// An evaluation keeps nothing, but its batches may be larger; the longest examples come first.
int64_t evaluation_activations(const Job& job) {
  const Block& block = job.model->network.blocks.front();
  const int64_t number = number_size(job);
  int64_t tokens = 0;
  for (const Dataset& dataset : job.evaluation) {
    if (dataset.examples.empty()) continue;
    const auto batches = evaluation_batches(dataset, job.config.evaluation.batch_size);
    tokens = std::max(tokens, size_of(dataset, batches.front()).tokens);
  }
  return tokens * (passing(block) + block.qkv.weight_OI.size(0)) * number;
}

}  // namespace

MemoryEstimate estimate_memory(const Job& job) {
  constexpr int64_t kCopies = 3, kFloat = 4;  // the gradient and AdamW's two averages
  MemoryEstimate estimate;
  estimate.held = held_memory(job.device);
  estimate.trained = (job.trained.adapter_parameters + job.trained.saved_parameters) * kCopies * kFloat;
  // Batches of ever other sizes leave holes in the heap: a quarter of what they hold, as measured.
  constexpr double kHoles = 1.25;
  const int64_t live = std::max(training_activations(job), evaluation_activations(job));
  estimate.activations = static_cast<int64_t>(static_cast<double>(live) * kHoles);
  return estimate;
}

}  // namespace hiddenkey
