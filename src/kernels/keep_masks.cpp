#include "kernels/keep_masks.h"

#include "core/error.h"
#include "kernels/cpu/keep_masks.h"
#include "kernels/cuda/keep_masks.h"
#include "kernels/cuda/kernels.h"
#include "kernels/reference/keep_masks.h"

namespace hiddenkey {
namespace {

/// The device's own kernels for masks, null where it has none or they are off.
const cuda::KeepMasks* kernels_on(at::Device device) {
  const cuda::Kernels* kernels = device.is_cuda() ? cuda::kernels(device) : nullptr;
  return kernels == nullptr ? nullptr : &kernels->keep_masks;
}

/// Whether masks can only come from LibTorch's generator of the device. The `meta` device draws nothing.
bool has_generator_alone(at::Device device, const cuda::KeepMasks* kernels) {
  return kernels == nullptr && !device.is_cpu() && !device.is_meta();
}

at::Generator seeded_generator(const MaskKey& key, at::Device device) {
  at::Generator generator = at::globalContext().defaultGenerator(device).clone();
  generator.set_current_seed(host_key(key));
  return generator;
}

}  // namespace

at::Tensor draw_keep(const MaskKey& key, at::IntArrayRef sizes, double rate, at::Device device) {
  const at::TensorOptions options(device);
  const cuda::KeepMasks* kernels = kernels_on(device);
  if (has_generator_alone(device, kernels))
    return at::rand(sizes, seeded_generator(key, device), options.dtype(at::kFloat)).ge_(rate).to(at::kBool);
  at::Tensor keep = at::empty(sizes, options.dtype(at::kBool));
  if (kernels != nullptr) kernels->draw_keep(key, 0, rate, keep);
  if (device.is_cpu()) cpu::draw_keep(key, rate, keep);
  return keep;
}

at::Tensor draw_uniform(const MaskKey& key, at::IntArrayRef sizes, at::Device device) {
  const at::TensorOptions options = at::TensorOptions(device).dtype(at::kFloat);
  const cuda::KeepMasks* kernels = kernels_on(device);
  if (has_generator_alone(device, kernels)) return at::rand(sizes, seeded_generator(key, device), options);
  at::Tensor uniform = at::empty(sizes, options);
  if (kernels != nullptr) kernels->draw_uniform(key, 0, uniform);
  if (device.is_cpu()) cpu::draw_uniform(key, uniform);
  return uniform;
}

at::Tensor draw_span_keep(const MaskKey& key, int64_t draws, double rate, const PackedSequences& sequences) {
  const at::Device device = sequences.length_B.device();
  if (const cuda::KeepMasks* kernels = kernels_on(device)) return kernels->draw_span_keep(key, draws, rate, sequences);
  const at::Tensor uniform_RB = draw_uniform(key, {draws, sequences.length_B.size(0)}, device);
  return reference::span_keep(uniform_RB, rate, sequences);
}

void keep_first_where_all_lost(at::Tensor& keep_HN, const PackedSequences& sequences) {
  if (const cuda::KeepMasks* kernels = kernels_on(keep_HN.device())) {
    kernels->keep_first_where_all_lost(keep_HN, sequences);
  } else {
    reference::keep_first_where_all_lost(keep_HN, sequences);
  }
}

bool scales_while_drawing(const at::Tensor& in) {
  if (in.is_cpu()) return in.scalar_type() == at::kFloat;
  return cuda::KeepMasks::scales(in.scalar_type()) && kernels_on(in.device()) != nullptr;
}

at::Tensor scale_kept(const at::Tensor& in, const UnitMask& mask) {
  if (!scales_while_drawing(in)) throw Error(ErrorKind::kBug, "no kernel scales what is kept of this matrix");
  at::Tensor out = at::empty_like(in);
  if (in.is_cpu()) {
    cpu::scale_kept(in, mask, out);
  } else {
    kernels_on(in.device())->scale_kept(in, mask, out);
  }
  return out;
}

}  // namespace hiddenkey
