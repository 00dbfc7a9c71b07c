#include "cli/memory_hint.h"

#include <new>

#include "core/error.h"

namespace hiddenkey {

bool is_out_of_memory(const c10::Error& error) {
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr) return true;
  const std::string text = error.what_without_backtrace();
  return text.find("DefaultCPUAllocator") != std::string::npos || text.find("not enough memory") != std::string::npos;
}

void with_memory_hint(const std::string& hint, const std::function<void()>& work) {
  const auto fail = [&] { throw Error(ErrorKind::kOutOfMemory, "out of memory; " + hint); };
  try {
    work();
  } catch (const c10::Error& error) {
    if (!is_out_of_memory(error)) throw;
    fail();
  } catch (const std::bad_alloc&) {
    fail();
  }
}

}  // namespace hiddenkey
