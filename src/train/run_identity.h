#pragma once

#include <string>

#include "run/checkpoint_folder.h"
#include "train/job.h"

namespace hiddenkey {

/// A config as text, without the keys that change neither the numbers of a run nor its files, and without the places of
/// base and data, whose content counts.
std::string comparable_config(RunConfig config);

/// Checksums of everything that decides what the job computes. `weights` is the checksum of the base's weights.
RunIdentity identify(const RunConfig& config, const Job& job, const ModelFiles& base, const std::string& weights);

/// ModelError for another base or tokenizer, ConfigError for other data or another config: what is to go on from the
/// checkpoint has to be what the checkpoint was made with.
void check_identity(const FoundCheckpoint& checkpoint, const RunIdentity& now);

/// The name of the weights' checksum in an identity.
inline constexpr const char* kBaseWeights = "base weights";

}  // namespace hiddenkey
