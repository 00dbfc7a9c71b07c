#pragma once

#include <filesystem>
#include <memory>

#include "io/weight_source.h"

namespace hiddenkey {

/// The weights of a Hugging Face folder or GGUF file. ModelError as their readers have it.
std::unique_ptr<WeightSource> open_weights(const std::filesystem::path& path);

}  // namespace hiddenkey
