#pragma once

#include "io/gguf.h"

namespace hiddenkey {

/// Each metadata field of a llama file is read, or must have the value at which it changes nothing, or is known to
/// change nothing here; one warning names the others. ModelError names a field that changes ids or logits and is not
/// supported, and a file that holds only a part of a model.
void check_gguf_fields(const Gguf& gguf);

}  // namespace hiddenkey
