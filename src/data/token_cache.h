#pragma once

#include <optional>
#include <string>

#include "data/dataset.h"

namespace hiddenkey {

/// A dataset with the labels of its task as bytes with a checksum, and back; nothing where they are damaged.
std::string to_cache_bytes(const Dataset& dataset, const std::vector<std::string>& labels);
std::optional<Dataset> from_cache_bytes(std::string_view bytes, std::vector<std::string>& labels);

}  // namespace hiddenkey
