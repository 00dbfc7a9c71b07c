#pragma once

#include <string>

#include "model/config_fields.h"
#include "nn/architecture.h"

/// The config.json of each family as the one block's words. ModelError for a field that changes the function and has a
/// value that is not supported.
namespace hiddenkey {

/// bert, roberta
Architecture read_encoder_config(const ConfigFields& fields, const std::string& family);
Architecture read_gpt2_config(const ConfigFields& fields);
/// llama, mistral, qwen2
Architecture read_llama_config(const ConfigFields& fields, const std::string& family);

}  // namespace hiddenkey
