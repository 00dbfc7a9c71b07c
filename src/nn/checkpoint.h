#pragma once

#include <ATen/ATen.h>

#include <functional>

namespace hiddenkey {

/// run(x), keeping x alone: the backward pass runs it again. What `run` computes must depend on x and on trained leaves
/// only; masks have addresses, so both runs draw the same. The gradients of the leaves are added to their .grad().
at::Tensor checkpoint(const std::function<at::Tensor(const at::Tensor&)>& run, const at::Tensor& x);

}  // namespace hiddenkey
