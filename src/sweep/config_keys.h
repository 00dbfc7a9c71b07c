#pragma once

#include <string>
#include <vector>

#include "config/codec.h"
#include "config/value.h"

namespace hiddenkey {

/// The keys of a run's config that hold a value, as against a section; those that a sweep sets itself are left out.
const std::vector<std::string>& sweepable_keys();

/// Adds a problem and gives false where a trial cannot set the key: it is unknown, a section, or the sweep's own.
bool check_sweepable(const Entry& entry, Problems& problems);

/// The shortest end of a key that no other key has: "logits.rate" of dropout.logits.rate, "r" of lora.r.
const std::string& short_key(const std::string& key);

/// {"dropout.logits.rate": SCHEMA, ...} for every such key, each schema as `wrap` makes it of the key's own.
OrderedJson sweepable_properties(OrderedJson (*wrap)(OrderedJson));

}  // namespace hiddenkey
