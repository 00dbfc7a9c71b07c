#include "dropout/draw.h"

#include <ATen/Parallel.h>

#include "dropout/philox.h"

namespace hiddenkey {
namespace {

constexpr int64_t kGrain = 1 << 14;

/// The finalizer of SplitMix64 (Steele et al., OOPSLA 2014): every bit of the input changes half of the output's.
uint64_t mix(uint64_t value) {
  value += 0x9E3779B97F4A7C15U;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31);
}

at::Generator seeded_generator(uint64_t key, at::Device device) {
  at::Generator generator = at::globalContext().defaultGenerator(device).clone();
  generator.set_current_seed(key);
  return generator;
}

}  // namespace

uint64_t mask_key(const Draw& draw, int64_t layer, uint32_t position) {
  uint64_t key = mix(draw.seed);
  for (const int64_t part : {draw.step, draw.micro_batch, draw.pass, layer, static_cast<int64_t>(position)}) {
    key = mix(key ^ static_cast<uint64_t>(part));
  }
  return key;
}

at::Tensor draw_keep(uint64_t key, at::IntArrayRef sizes, double rate, at::Device device) {
  const at::TensorOptions options(device);
  if (device.is_meta()) return at::empty(sizes, options.dtype(at::kBool));
  if (!device.is_cpu())
    return at::rand(sizes, seeded_generator(key, device), options.dtype(at::kFloat)).ge_(rate).to(at::kBool);
  at::Tensor keep = at::empty(sizes, options.dtype(at::kBool));
  uint8_t* out = static_cast<uint8_t*>(keep.data_ptr());
  at::parallel_for(0, keep.numel(), kGrain,
                   [&](int64_t begin, int64_t end) { draw_keep(key, begin, end - begin, rate, out + begin); });
  return keep;
}

at::Tensor draw_uniform(uint64_t key, at::IntArrayRef sizes, at::Device device) {
  const at::TensorOptions options = at::TensorOptions(device).dtype(at::kFloat);
  if (device.is_meta()) return at::empty(sizes, options);
  if (!device.is_cpu()) return at::rand(sizes, seeded_generator(key, device), options);
  at::Tensor uniform = at::empty(sizes, options);
  draw_uniform(key, 0, uniform.numel(), uniform.data_ptr<float>());
  return uniform;
}

}  // namespace hiddenkey
