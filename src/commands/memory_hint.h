#pragma once

#include <functional>
#include <string>

namespace hiddenkey {

/// Does work whose need of memory the user can lower. Where it runs out of memory, the error says how.
void with_memory_hint(const std::string& hint, const std::function<void()>& work);

}  // namespace hiddenkey
