#pragma once

#include <string>

namespace hiddenkey {

/// What to say of a dotted key that this program does not have, but the tools do that its users come from
/// (Transformers' Trainer, PEFT, Axolotl, LLaMA-Factory, ms-swift, torchtune, Ludwig): where the setting is here, or a
/// sentence on why there is none. "" for a key that none of them has.
std::string foreign_key_hint(const std::string& key);

}  // namespace hiddenkey
