#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "adapter/match.h"
#include "model/network.h"

namespace hiddenkey {

/// What a LoRA run trains, under the names that the tensors have in PEFT's file: adapters first, then the modules that
/// are saved whole. The tensors are the network's own leaves.
struct Trained {
  std::vector<NamedTensor> tensors;
  std::vector<WeightNames::Module> adapted;
  std::vector<std::pair<std::string, int64_t>> counts;  ///< how many modules each target name found
  int64_t adapter_parameters = 0;
  int64_t saved_parameters = 0;
};

/// Gives each target its low-rank term, with PEFT's initialisation (A uniform within 1/sqrt(inputs), B zero; addressed
/// by the seed), and lets the modules that are saved whole be trained.
Trained inject(Network& network, const WeightNames& names, const LoraConfig& config, uint64_t seed);

/// Gives one linear layer the term, of which a_RI, b_OR, scaling and dropout are set, and lists its leaves in
/// `trained`.
void add_low_rank(Network& network, const WeightNames& names, const WeightNames::Module& module, LowRank term,
                  Trained& trained);

/// Full finetuning: every tensor of the network is trained. Names are ours.
Trained train_everything(Network& network);

/// The modules_to_save of adapter_config.json: PEFT's for sequence classification, and the config's own.
std::vector<std::string> saved_module_names(const LoraConfig& config, const WeightNames& weights);

/// The name of a tensor in PEFT's file.
std::string peft_name(const std::string& theirs);

}  // namespace hiddenkey
