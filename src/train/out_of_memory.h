#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <string>

namespace hiddenkey {

/// Whether memory ran out, on the device or beside it. Not every library has an exception type for that, so messages
/// are looked at too.
bool is_out_of_memory(const std::exception& error);

/// Calls work(size), where size is how many examples are computed at a time. Where memory runs out it is called again
/// with half of them, and one warning says so; where one example alone does not fit, the exception goes on to the
/// caller. Returns the size that fitted.
int64_t with_halving(int64_t size, const std::string& what, at::Device device,
                     const std::function<void(int64_t size)>& work);

}  // namespace hiddenkey
