#pragma once

namespace hiddenkey {

/// Gives the heap's free pages back to the system, where tcmalloc is linked to the program.
void release_free_memory();

}  // namespace hiddenkey
