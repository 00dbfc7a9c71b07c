#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/folder_files.h"
#include "data/generation.h"
#include "generate/generator.h"
#include "settings/run_config.h"
#include "task/text_metrics.h"

namespace hiddenkey {

/// How text is made by a model: as its folder says, with the config's keys and then the flags on top.
struct GenerationSetup {
  GenerationOptions options;
  TokenIds end_ids;                 ///< end a text
  std::optional<int32_t> begin_id;  ///< what an empty prompt begins with
  std::string taken;                ///< one line about what the folder decides; empty where that is nothing
};

/// `trained` where the texts that the model was trained on end with the tokenizer's end token, which then ends a text
/// even if the folder names no end token. ModelError as read_generation_config, ConfigError as apply_settings.
GenerationSetup generation_setup(const RunConfig& config, const FolderFiles& model, const Tokenizer& tokenizer,
                                 bool trained, const SearchSettings& flags = {});

/// How a run's text is measured; a signal to stop ends it.
TextEvaluationOptions text_options(const RunConfig& config);

/// The prompts of a split, as many as generation.limit says.
std::vector<GenerationItem> load_prompts(const RunConfig& config, const std::string& split);

}  // namespace hiddenkey
