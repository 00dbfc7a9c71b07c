#pragma once

#include <ATen/ATen.h>

#include <string>

#include "io/gguf.h"

namespace hiddenkey {

/// A tensor of the file as float32, on the CPU, with memory of its own. ModelError where the file has none of that
/// name.
at::Tensor read_tensor(const Gguf& file, const std::string& name);

}  // namespace hiddenkey
