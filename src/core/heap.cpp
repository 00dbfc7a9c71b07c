#include "core/heap.h"

// Of gperftools/malloc_extension_c.h. The symbol is missing in the tests and beside sanitizers, which bring another
// malloc.
extern "C" void MallocExtension_ReleaseFreeMemory(void) __attribute__((weak));

namespace hiddenkey {

void release_free_memory() {
  if (MallocExtension_ReleaseFreeMemory != nullptr) MallocExtension_ReleaseFreeMemory();
}

}  // namespace hiddenkey
