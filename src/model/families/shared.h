#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/config_fields.h"
#include "nn/architecture.h"

/// What the config readers of several families have in common.
namespace hiddenkey {

Activation read_activation(const ConfigFields& fields, const char* name, const std::string& otherwise);

/// The heads of a model whose head size follows from its width; `heads` and `width` are the fields'
/// names, `otherwise` the heads of a config that does not say them.
void read_heads(Architecture& architecture, const ConfigFields& fields, const char* heads, const char* width,
                std::optional<int64_t> otherwise = std::nullopt);

/// pad_token_id, which `otherwise` replaces where the field is absent; null is -1, no padding token.
void read_padding(Architecture& architecture, const ConfigFields& fields, int64_t otherwise);

/// The fields that every family may have and that change nothing here, and those that no family may have.
void read_shared_fields(const ConfigFields& fields);

/// ModelError where the sizes ask for more weights than the model's files can hold; `positions` is the length of the
/// table of positions, 0 where there is none. Nothing that is as large as a size may be made before.
void check_size(const Architecture& architecture, const ConfigFields& fields, int64_t positions);

/// rope_theta, and rope_scaling or rope_parameters: the frequencies of rotary positions, [K/2]. Needs the head size.
std::vector<double> read_rotary(const Architecture& architecture, const ConfigFields& fields);

/// The same of an object that holds them, `scaling`, with `theta` where it has no rope_theta.
std::vector<double> read_frequencies(const Architecture& architecture, const ConfigFields& fields,
                                     const ConfigFields& scaling, double theta);

}  // namespace hiddenkey
