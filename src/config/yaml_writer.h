#pragma once

#include <string>

#include "config/codec.h"

namespace hiddenkey {

/// A config as block YAML, lists on one line. Every YAML reader, of version 1.1 too, gives the same values back.
std::string to_yaml_text(const OrderedJson& config);

}  // namespace hiddenkey
