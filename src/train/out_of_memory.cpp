#include "train/out_of_memory.h"

#include <c10/core/CachingDeviceAllocator.h>
#include <c10/util/Exception.h>
#include <sys/mman.h>

#include <algorithm>
#include <iterator>
#include <new>
#include <utility>

#include "core/error.h"
#include "core/log.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

/// Address space that is held until memory has run out once. Where the limit is on addresses, the heap keeps all that
/// it has ever had, and oneDNN could not even make the code for smaller products.
class Reserve {
 public:
  Reserve() : place_(mmap(nullptr, kBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {}
  ~Reserve() { give_up(); }
  Reserve(const Reserve&) = delete;
  Reserve& operator=(const Reserve&) = delete;

  void give_up() {
    if (place_ != MAP_FAILED) munmap(std::exchange(place_, MAP_FAILED), kBytes);
  }

 private:
  static constexpr std::size_t kBytes = std::size_t{64} << 20;
  void* place_;
};

/// False where memory ran out and a smaller size is left to try.
bool fits(int64_t size, const std::function<void(int64_t)>& work) {
  try {
    work(size);
    return true;
  } catch (const std::exception& error) {
    log::debug(cat("with ", size, " examples: ", error.what()));
    if (size == 1 || !is_out_of_memory(error)) throw;
    return false;
  }
}

}  // namespace

bool is_out_of_memory(const std::exception& error) {
  if (dynamic_cast<const Error*>(&error) != nullptr) return false;  // these say what they are
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return true;
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr) return true;
  const auto* torch = dynamic_cast<const c10::Error*>(&error);
  const std::string text = torch != nullptr ? torch->what_without_backtrace() : error.what();
  // oneDNN, which finds no room for the code that it makes, says the last.
  constexpr const char* kMessages[] = {"DefaultCPUAllocator", "not enough memory", "could not create a primitive"};
  return std::any_of(std::begin(kMessages), std::end(kMessages),
                     [&](const char* message) { return text.find(message) != std::string::npos; });
}

int64_t with_halving(int64_t size, const std::string& what, at::Device device,
                     const std::function<void(int64_t)>& work) {
  static Reserve reserve;
  while (!fits(size, work)) {
    reserve.give_up();
    if (device.is_cuda()) c10::getDeviceAllocator(device.type())->emptyCache();
    const int64_t half = (size + 1) / 2;
    log::warning(cat("memory ran out with ", size, " examples at a time; ", what, " goes on with ", half));
    size = half;
  }
  return size;
}

}  // namespace hiddenkey
