#pragma once

#include <map>
#include <string>

#include "config/codec.h"

namespace hiddenkey {

/// What stands behind a value, by dotted key.
using YamlComments = std::map<std::string, std::string>;

/// A config as block YAML, lists on one line. Every YAML reader, of version 1.1 too, gives the same values back.
std::string to_yaml_text(const OrderedJson& config, const YamlComments& comments = {});

}  // namespace hiddenkey
