#include "commands/memory_hint.h"

#include "core/error.h"
#include "train/out_of_memory.h"

namespace hiddenkey {

void with_memory_hint(const std::string& hint, const std::function<void()>& work) {
  try {
    work();
  } catch (const std::exception& error) {
    if (!is_out_of_memory(error)) throw;
    throw Error(ErrorKind::kOutOfMemory, "out of memory; " + hint);
  }
}

}  // namespace hiddenkey
