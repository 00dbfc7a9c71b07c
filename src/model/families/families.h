#pragma once

#include <span>
#include <string>

#include "model/families/family.h"

namespace hiddenkey {

extern const Family kBert, kRoberta, kGpt2, kLlama, kMistral, kQwen2, kModernBert, kQwen3, kDistilBert, kElectra,
    kXlmRoberta;

std::span<const Family* const> families();

/// By model_type; null where there is no such family.
const Family* find_family(const std::string& name);

}  // namespace hiddenkey
