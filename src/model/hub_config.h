#pragma once

#include <string>
#include <vector>

#include "model/config_fields.h"
#include "nn/architecture.h"

namespace hiddenkey {

/// What a Hugging Face folder's config.json says.
struct HubConfig {
  Architecture architecture;
  std::vector<std::string>
      labels;                ///< of id2label, in order; empty where it is Transformers' LABEL_0, LABEL_1 or absent
  std::string problem_type;  ///< as Transformers has it; empty where the file does not say
  std::vector<std::string> notes;  ///< warnings for the user, one line each: what the config says and nobody reads
};

/// Reads the fields of a config.json for a model that is used as `head` says; ModelFiles has them. ModelError where the
/// family is unknown, a field is missing or malformed, or a field that changes the function has a value that is not
/// supported: never is one ignored; and where a language model is asked for and the family has none.
HubConfig read_hub_config(const ConfigFields& fields, HeadUse head);

/// The families that can be read.
std::vector<std::string> known_families();

/// Where a model folder is not there: ` (...)` with how to get it, if `name` can be one of the Hugging Face hub; else
/// "".
std::string hub_hint(const std::string& name);

}  // namespace hiddenkey
