// The masks of every dropout scheme, bit for bit as the CPU draws them (kernels/philox.h), for the device's memory.
//
// Every loop strides over the whole grid, so no result depends on how many blocks were launched. Nothing here
// multiplies and adds in one expression, so the compiler has nothing to fuse and each number is the CPU's to the last
// bit.
#include "device.cuh"

namespace hiddenkey::cuda {

constexpr int64_t kNumbersOfWarp = 128;  // four a lane, see kept_neighbours

__device__ inline int64_t thread_of_grid() { return static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; }
__device__ inline int64_t threads_of_grid() { return static_cast<int64_t>(gridDim.x) * blockDim.x; }
__device__ inline int64_t warp_of_grid() { return thread_of_grid() / kWarpSize; }
__device__ inline int64_t warps_of_grid() { return threads_of_grid() / kWarpSize; }

/// For numbers first .. first+count-1 of a stream, which are elements 0 .. count-1 of something: calls use(i, kept)
/// with the elements i .. i+3 of this lane in part `part` of them. Some of the four may lie outside of 0 .. count-1.
template <class Use>
__device__ inline void use_part(uint64_t key, uint32_t threshold, int64_t first, int64_t part, const Use& use) {
  const int64_t from = first / kWarpSize * kWarpSize + part * kNumbersOfWarp;
  const unsigned kept = kept_neighbours(key, static_cast<uint64_t>(from), threshold);
  use(from - first + 4 * static_cast<int64_t>(threadIdx.x % kWarpSize), kept);
}

/// How many parts `count` numbers have at most, wherever the first of them stands in its group.
__device__ inline int64_t parts_of(int64_t count) {
  return (kWarpSize - 1 + count + kNumbersOfWarp - 1) / kNumbersOfWarp;
}

extern "C" __global__ void __launch_bounds__(kThreads) keep_bytes(const KeepBytes a) {
  const uint64_t key = stream_key(a.key);
  const auto store = [&](int64_t i, unsigned kept) {
    if (i >= 0 && i + 4 <= a.count && is_aligned_for_four(a.keep + i)) {
      Four<uint8_t> four;
      for (int j = 0; j < 4; ++j) four.part[j] = kept >> j & 1U;
      store_four(four, a.keep + i);
      return;
    }
    for (int j = 0; j < 4; ++j) {
      if (i + j >= 0 && i + j < a.count) a.keep[i + j] = kept >> j & 1U;
    }
  };
  const int64_t parts = parts_of(a.count);
  for (int64_t part = warp_of_grid(); part < parts; part += warps_of_grid()) {
    use_part(key, a.threshold, a.first, part, store);
  }
}

extern "C" __global__ void __launch_bounds__(kThreads) uniform_numbers(const UniformNumbers a) {
  const uint64_t key = stream_key(a.key);
  for (int64_t i = thread_of_grid(); i < a.count; i += threads_of_grid()) a.out[i] = uniform_number(key, a.first + i);
}

/// One warp for each head of each sequence.
extern "C" __global__ void __launch_bounds__(kThreads) keep_first(const KeepFirst a) {
  for (int64_t task = warp_of_grid(); task < a.heads * a.sequences; task += warps_of_grid()) {
    const int64_t sequence = task % a.sequences, length = a.length_B[sequence];
    uint8_t* keep = a.keep_HN + task / a.sequences * a.rows + a.first_B[sequence];
    bool kept = false;
    for (int64_t i = threadIdx.x % kWarpSize; i < length; i += kWarpSize) kept = kept || keep[i] != 0;
    if (__ballot_sync(kWholeWarp, kept) == 0 && threadIdx.x % kWarpSize == 0) keep[0] = 1;
  }
}

/// The span of a sequence is round(rate * length) rows, at least one, and starts anywhere that it fits.
extern "C" __global__ void __launch_bounds__(kThreads) keep_outside_spans(const KeepOutsideSpans a) {
  const uint64_t key = stream_key(a.key);
  for (int64_t i = thread_of_grid(); i < a.draws * a.rows; i += threads_of_grid()) {
    const int64_t draw = i / a.rows, row = i % a.rows, sequence = a.sequence_N[row];
    const double length = static_cast<double>(a.length_B[sequence]);
    const double rounded = rint(length * a.rate);  // halfway to the even one, as ATen rounds
    const double span = rounded < 1 ? 1 : rounded;
    const double uniform = uniform_number(key, draw * a.sequences + sequence);
    const double start = floor(uniform * (length - span + 1));
    const double position = static_cast<double>(a.position_N[row]);
    a.keep_RN[i] = position < start || position >= start + span;
  }
}

template <class T>
__device__ inline T scaled(T in, bool kept, float scale) {
  T out;
  store_as(kept ? to_float(in) * scale : 0.0F, out);
  return out;
}

/// Numbers in a row belong together in `runs`: one of the whole pass, or one a row where the rows are picked.
template <class T>
__device__ inline void scale_kept(const ScaleKept& a) {
  const int64_t pass = blockIdx.y;
  const int64_t runs = a.row_P == nullptr ? 1 : a.rows, count = a.rows * a.width / runs, parts = parts_of(count);
  // A pass without dropout is drawn as well, and then keeps everything unscaled.
  const bool on = a.on[pass];
  const uint64_t key = on ? stream_key(a.key[pass]) : 0;
  const uint32_t threshold = on ? a.threshold : 0;
  const float scale = on ? a.scale : 1.0F;
  for (int64_t task = warp_of_grid(); task < runs * parts; task += warps_of_grid()) {
    const int64_t run = runs == 1 ? 0 : task / parts, part = runs == 1 ? task : task % parts;
    const int64_t first = a.row_P == nullptr ? 0 : a.row_P[run] * a.width;
    const int64_t offset = pass * a.rows * a.width + run * count;
    const T* in = static_cast<const T*>(a.in) + offset;
    T* out = static_cast<T*>(a.out) + offset;
    use_part(key, threshold, first, part, [&](int64_t i, unsigned kept) {
      if (i >= 0 && i + 4 <= count && is_aligned_for_four(in + i) && is_aligned_for_four(out + i)) {
        const Four<T> from = load_four(in + i);
        Four<T> to;
        for (int j = 0; j < 4; ++j) to.part[j] = scaled(from.part[j], kept >> j & 1U, scale);
        store_four(to, out + i);
        return;
      }
      for (int j = 0; j < 4; ++j) {
        if (i + j >= 0 && i + j < count) out[i + j] = scaled(in[i + j], kept >> j & 1U, scale);
      }
    });
  }
}

extern "C" __global__ void __launch_bounds__(kThreads) scale_kept_float32(const ScaleKept a) { scale_kept<float>(a); }
extern "C" __global__ void __launch_bounds__(kThreads) scale_kept_bfloat16(const ScaleKept a) {
  scale_kept<BFloat16>(a);
}

}  // namespace hiddenkey::cuda
