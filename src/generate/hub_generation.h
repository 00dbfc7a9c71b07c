#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/folder_files.h"
#include "generate/options.h"

namespace hiddenkey {

/// What a model's folder says about generating with it, as Transformers' `generate` takes it.
struct HubGeneration {
  GenerationOptions options;        ///< defaults, where the folder says nothing
  TokenIds end_ids;                 ///< end a text
  std::optional<int32_t> begin_id;  ///< what an empty prompt begins with
  std::string file;                 ///< the name of the file that was read; empty where there is none
  /// Each field that departs from its default, by its name and as the file has its value.
  std::vector<std::pair<std::string, std::string>> taken;
};

/// Of the folder's generation_config.json alone; where there is none, of the generation fields of its config.json.
/// ModelError names a field that is malformed or that changes the text in a way we lack; a field that is not known
/// gives a warning.
HubGeneration read_generation_config(const FolderFiles& files);

/// One line about what was taken and has an effect in the search that was decided; empty where there is nothing.
/// `decided` are the names of what other places decided.
std::string describe_taken(const HubGeneration& hub, const GenerationOptions& options,
                           const std::vector<std::string>& decided);

}  // namespace hiddenkey
