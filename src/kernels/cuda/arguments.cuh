// What the program hands to its kernels: one struct a kernel, known to both sides, so that they cannot differ about it.
// Pointers are the device's, and each struct lives only for the launch.
#pragma once

namespace hiddenkey::cuda {

// The same types as <cstdint> has them on Linux, which NVRTC does not know.
using uint8_t = unsigned char;
using uint16_t = unsigned short;
using uint32_t = unsigned int;
using int64_t = long;
using uint64_t = unsigned long;

/// The threads of a block, in every launch.
constexpr unsigned kThreads = 256;

/// A stream's key: `value`, or, where `draw` is given, mixed on the device from the four numbers there (seed, step,
/// micro-batch, pass) and the two here. A captured graph is replayed with other masks by writing to `draw`.
struct KeyArgument {
  uint64_t value;
  const int64_t* draw;
  int64_t layer;
  int64_t position;
};

/// keep[i] = whether number first + i of the stream is not below the threshold.
struct KeepBytes {
  KeyArgument key;
  int64_t first;
  int64_t count;
  uint32_t threshold;
  uint8_t* keep;
};

/// out[i] = number first + i of the stream as a float in [0, 1).
struct UniformNumbers {
  KeyArgument key;
  int64_t first;
  int64_t count;
  float* out;
};

/// keep_HN[h][first_B[b]] = 1 where no row of sequence b is kept for head h.
struct KeepFirst {
  int64_t heads;
  int64_t rows;
  int64_t sequences;
  const int64_t* first_B;
  const int64_t* length_B;
  uint8_t* keep_HN;
};

/// keep_RN[r][n] = whether row n lies outside of the span that draw r drops in the row's sequence.
struct KeepOutsideSpans {
  KeyArgument key;
  int64_t draws;
  int64_t rows;
  int64_t sequences;
  double rate;
  const int64_t* sequence_N;
  const int64_t* position_N;
  const int64_t* length_B;
  uint8_t* keep_RN;
};

constexpr int kMaxPasses = 4;

/// out = in * scale where kept, else 0, for `passes` passes of `rows` rows each that are stacked in both matrices.
/// Row i of a pass has the numbers from row_P[i] * width on, or from i * width where row_P is null.
struct ScaleKept {
  KeyArgument key[kMaxPasses];
  bool on[kMaxPasses];  ///< where not, the pass is copied
  int64_t rows;
  int64_t width;
  uint32_t threshold;
  float scale;
  const int64_t* row_P;
  const void* in;
  void* out;
};

}  // namespace hiddenkey::cuda
