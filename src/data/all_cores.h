#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <thread>
#include <vector>

#include "core/stop_signal.h"

namespace hiddenkey {

/// Calls work(i) for 0 .. count-1 on all cores, in blocks. The first exception is thrown again here; StoppedError is
/// one, where a signal asks for a stop.
template <class Work>
void on_all_cores(std::size_t count, const Work& work) {
  constexpr std::size_t kBlock = 512;
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::atomic<bool> failed{false};
  const auto run = [&] {
    try {
      for (std::size_t begin = next.fetch_add(kBlock); begin < count && !failed; begin = next.fetch_add(kBlock)) {
        throw_if_stopped();
        for (std::size_t i = begin; i < std::min(count, begin + kBlock); ++i) work(i);
      }
    } catch (...) {
      if (!failed.exchange(true)) failure = std::current_exception();
    }
  };
  const std::size_t threads = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, count / kBlock + 1);
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < threads; ++i) others.emplace_back(run);
    run();
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace hiddenkey
