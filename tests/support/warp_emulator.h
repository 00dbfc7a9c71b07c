#pragma once

#include <ucontext.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

/// Runs CUDA kernels on the CPU, so that their very source is tested where there is no GPU. The threads of a block are
/// fibers of one thread, which take turns where they wait for each other; blocks run one after the other. Include this
/// and then the .cu file.
///
/// It sees wrong indices, and threads of a warp that do not meet. It does not see races between barriers, misaligned
/// access, nor anything about speed.
namespace warp_emulator {

constexpr unsigned kWarp = 32;

struct Index {
  unsigned x = 0, y = 0, z = 0;
};

}  // namespace warp_emulator

// The names that a kernel finds without any header.
// Its vectors may be laid over other types, as is usual in kernels.
struct alignas(4) [[gnu::may_alias]] uchar4 {
  unsigned char x, y, z, w;
};
struct alignas(8) [[gnu::may_alias]] uint2 {
  unsigned x, y;
};
struct alignas(16) [[gnu::may_alias]] float4 {
  float x, y, z, w;
};

inline warp_emulator::Index threadIdx, blockIdx, blockDim, gridDim;

namespace warp_emulator {

/// Where threads wait until all of them have come, and what the lanes of a warp show each other there.
struct Meeting {
  unsigned size = 0, arrived = 0;
  uint64_t turn = 0;
  const char* kind = "";
  std::array<uint64_t, kWarp> shown{};
};

class Block {
 public:
  Block(unsigned threads, std::function<void()> kernel) : kernel_(std::move(kernel)), fibers_(threads) {
    all_.size = threads;
    for (unsigned first = 0; first < threads; first += kWarp) {
      warps_.emplace_back();
      warps_.back().size = std::min(kWarp, threads - first);
    }
  }

  /// The kernel once in each thread. std::logic_error where threads wait for others that never come.
  void run() {
    current() = this;
    for (Fiber& fiber : fibers_) fiber.done = false;
    for (std::size_t left = fibers_.size(); left > 0;) {
      moved_ = false;
      for (unsigned i = 0; i < fibers_.size(); ++i) {
        if (fibers_[i].done) continue;
        resume(i);
        if (failure_) std::rethrow_exception(failure_);
        if (fibers_[i].done) --left;
      }
      if (!moved_) throw std::logic_error("threads wait for others that do not come");
    }
  }

  static Block*& current() {
    static Block* block = nullptr;
    return block;
  }

  Meeting& all() { return all_; }
  Meeting& warp() { return warps_[threadIdx.x / kWarp]; }

  void meet(Meeting& meeting, const char* kind) {
    if (meeting.arrived > 0 && std::strcmp(meeting.kind, kind) != 0)
      throw std::logic_error(std::string("threads meet at ") + meeting.kind + " and " + kind);
    meeting.kind = kind;
    const uint64_t turn = meeting.turn;
    if (++meeting.arrived == meeting.size) {
      meeting.arrived = 0;
      ++meeting.turn;
      moved_ = true;
      return;
    }
    while (meeting.turn == turn) pause();
  }

 private:
  static constexpr std::size_t kStack = std::size_t{1} << 16;

  /// Where a fiber or the scheduler goes on.
  using Place = std::array<void*, 5>;

  /// A thread with a stack of its own. It is started by makecontext and from then on switched by the compiler's own
  /// setjmp and longjmp: unlike swapcontext these make no call to the system, and unlike the library's the address
  /// sanitizer does not take them for the end of a stack. Functions that never return to their caller are kept from it
  /// too.
  struct Fiber {
    Place place{};
    std::unique_ptr<char[]> stack;
    bool done = false;
  };

  static void enter() {
    Block& block = *current();
    for (;;) {
      try {
        block.kernel_();
      } catch (...) {
        block.failure_ = std::current_exception();  // none may leave a fiber
      }
      block.fibers_[threadIdx.x].done = true;
      block.moved_ = true;
      block.pause();
    }
  }

  [[gnu::noinline, gnu::no_sanitize_address]] static void go_on(Place& place) { __builtin_longjmp(place.data(), 1); }

  [[gnu::noinline, gnu::no_sanitize_address]] void pause() {
    if (__builtin_setjmp(fibers_[threadIdx.x].place.data()) == 0) go_on(scheduler_);
  }

  [[gnu::noinline, gnu::no_sanitize_address]] void resume(unsigned thread) {
    threadIdx = {thread, 0, 0};
    if (__builtin_setjmp(scheduler_.data()) == 0) enter_or_go_on(fibers_[thread]);
  }

  [[gnu::noinline, gnu::no_sanitize_address]] static void enter_or_go_on(Fiber& fiber) {
    if (fiber.stack) go_on(fiber.place);
    start(fiber);
  }

  [[gnu::noinline, gnu::no_sanitize_address]] static void start(Fiber& fiber) {
    fiber.stack = std::make_unique<char[]>(kStack);
    ucontext_t context;
    getcontext(&context);
    context.uc_stack.ss_sp = fiber.stack.get();
    context.uc_stack.ss_size = kStack;
    context.uc_link = nullptr;
    makecontext(&context, enter, 0);
    setcontext(&context);
  }

  std::function<void()> kernel_;
  std::vector<Fiber> fibers_;
  std::vector<Meeting> warps_;
  Meeting all_;
  Place scheduler_{};
  std::exception_ptr failure_;
  bool moved_ = false;
};

/// Runs the kernel once for each thread of each block.
inline void run(Index grid, unsigned threads, const std::function<void()>& kernel) {
  gridDim = grid;
  blockDim = {threads, 1, 1};
  Block block(threads, kernel);
  for (unsigned y = 0; y < grid.y; ++y) {
    for (unsigned x = 0; x < grid.x; ++x) {
      blockIdx = {x, y, 0};
      block.run();
    }
  }
}

/// Every lane shows a value; `take` makes each lane's result of all that are shown, and of the lane's own number.
template <class Result, class Take>
Result exchange(unsigned mask, const char* kind, uint64_t value, const Take& take) {
  if (mask != 0xFFFFFFFFU) throw std::logic_error("only whole warps are emulated");
  Block& block = *Block::current();
  Meeting& warp = block.warp();
  const unsigned lane = threadIdx.x % kWarp;
  warp.shown[lane] = value;
  block.meet(warp, kind);
  const Result result = take(warp.shown, lane);
  block.meet(warp, "the end of an exchange");  // nobody shows the next value before all have seen this one
  return result;
}

template <class T>
uint64_t to_bits(T value) {
  static_assert(sizeof(T) <= sizeof(uint64_t));
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  return bits;
}

template <class T>
T from_bits(uint64_t bits) {
  T value;
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}

}  // namespace warp_emulator

inline void __syncthreads() {
  warp_emulator::Block& block = *warp_emulator::Block::current();
  block.meet(block.all(), "__syncthreads");
}

inline unsigned __ballot_sync(unsigned mask, bool predicate) {
  return warp_emulator::exchange<unsigned>(mask, "__ballot_sync", predicate ? 1 : 0, [](const auto& shown, unsigned) {
    unsigned bits = 0;
    for (unsigned lane = 0; lane < warp_emulator::kWarp; ++lane) bits |= static_cast<unsigned>(shown[lane]) << lane;
    return bits;
  });
}

template <class T>
T __shfl_sync(unsigned mask, T value, unsigned from) {
  return warp_emulator::exchange<T>(
      mask, "__shfl_sync", warp_emulator::to_bits(value),
      [&](const auto& shown, unsigned) { return warp_emulator::from_bits<T>(shown[from % warp_emulator::kWarp]); });
}

template <class T>
T __shfl_xor_sync(unsigned mask, T value, unsigned with) {
  return warp_emulator::exchange<T>(mask, "__shfl_xor_sync", warp_emulator::to_bits(value),
                                    [&](const auto& shown, unsigned lane) {
                                      return warp_emulator::from_bits<T>(shown[(lane ^ with) % warp_emulator::kWarp]);
                                    });
}

inline float __uint_as_float(unsigned bits) { return warp_emulator::from_bits<float>(bits); }
inline unsigned __float_as_uint(float value) { return static_cast<unsigned>(warp_emulator::to_bits(value)); }

#define __device__
#define __global__ inline
#define __launch_bounds__(threads)
#define __shared__ static
