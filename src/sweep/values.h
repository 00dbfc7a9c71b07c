#pragma once

#include <string>

#include "config/codec.h"
#include "config/value.h"

namespace hiddenkey {

/// What stands in a sweep file for one config key.
struct Setting {
  std::string key;  ///< dotted
  Place where;      ///< of the key
  Value value;
};

/// A number, a truth value, text, a list, or null.
OrderedJson to_json(const Value& value);

/// Equal for values that mean the same: 0.1 and 0.10.
std::string canonical(const Value& value);

/// The value on one line of YAML, spelt as it was.
std::string to_flow(const Value& value);

/// Puts the value at a dotted key of the tree, on top of what is there.
void overlay(Value& tree, const Setting& setting);

/// Moves all that the value holds to layers that much higher.
void shift_layers(Value& value, int by);
/// Puts all that the value holds on one layer.
void set_layers(Value& value, int layer);

}  // namespace hiddenkey
