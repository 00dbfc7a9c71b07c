#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "adapter/adapted.h"
#include "adapter/match.h"

namespace hiddenkey {

/// What a run trains. The tensors are the network's own leaves.
struct Trained {
  std::vector<Adapted> adapted;
  std::vector<NamedTensor> saved;  ///< of modules that are saved whole; of an adapter, under the names of PEFT's file
  std::vector<std::pair<std::string, int64_t>> counts;  ///< how many modules each target name found
  int64_t adapter_parameters = 0;
  int64_t saved_parameters = 0;

  /// All of them, adapters first.
  std::vector<NamedTensor> tensors() const;
};

/// Gives each target its low-rank term, with PEFT's initialisation (A uniform within 1/sqrt(inputs), B zero; addressed
/// by the seed; a magnitude is what the weight's rows have), and lets the modules that are saved whole be trained.
Trained inject(Network& network, const WeightNames& names, const LoraConfig& config, uint64_t seed);

/// Gives one linear layer the term, of which the tensors, scaling and dropout are set, and lists it in `trained`.
void add_low_rank(Network& network, const WeightNames& names, const WeightNames::Module& module, LowRank term,
                  Trained& trained);

/// Full finetuning: every tensor of the network is trained. Names are ours.
Trained train_everything(Network& network);

/// The modules_to_save of adapter_config.json: PEFT's for sequence classification, and the config's own.
std::vector<std::string> saved_module_names(const LoraConfig& config, const WeightNames& weights);

}  // namespace hiddenkey
