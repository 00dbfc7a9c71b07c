#pragma once

#include <c10/util/Exception.h>

#include <functional>
#include <string>

namespace hiddenkey {

/// The CPU's allocator has no exception type of its own, so its message is looked at.
bool is_out_of_memory(const c10::Error& error);

/// Does work whose need of memory the user can lower. Where it runs out of memory, the error says how.
void with_memory_hint(const std::string& hint, const std::function<void()>& work);

}  // namespace hiddenkey
