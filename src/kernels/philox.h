#pragma once

#include <array>
#include <cstdint>

/// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): a counter-based generator.
/// Number i of a stream is a function of (key, i) alone, so that any part of a mask can be drawn again at any time.
namespace hiddenkey {

using PhiloxBlock = std::array<uint32_t, 4>;

/// One block for a 128-bit counter and a 64-bit key, both in words, low word first.
PhiloxBlock philox(PhiloxBlock counter, std::array<uint32_t, 2> key);

/// keep[i] = 1 with probability 1 - rate, for numbers first .. first+count-1 of the stream of `key`.
void draw_keep(uint64_t key, int64_t first, int64_t count, double rate, uint8_t* keep);

/// out[i] = uniform in [0, 1), for numbers first .. first+count-1 of the stream of `key`.
void draw_uniform(uint64_t key, int64_t first, int64_t count, float* out);

/// out[i] = in[i] / (1 - rate) where number first+i is kept, else 0. `in` and `out` may be the same.
void scale_kept(uint64_t key, int64_t first, int64_t count, double rate, const float* in, float* out);

/// The number below which a 32-bit draw is dropped: rate in units of 2^-32.
uint32_t drop_threshold(double rate);

}  // namespace hiddenkey
