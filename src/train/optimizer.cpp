#include "train/optimizer.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {

AdamW::AdamW(std::vector<NamedTensor> trained, const TrainingConfig& config, const std::vector<std::string>& no_decay)
    : trained_(std::move(trained)),
      max_grad_norm_(config.max_grad_norm),
      weight_decay_(config.weight_decay),
      epsilon_(config.epsilon),
      beta1_(config.betas[0]),
      beta2_(config.betas[1]) {
  for (std::size_t i = 0; i < trained_.size(); ++i) {
    const at::Tensor& tensor = trained_[i].tensor;
    averages_.push_back(at::zeros_like(tensor));
    squares_.push_back(at::zeros_like(tensor));
    steps_.push_back(at::zeros({}, tensor.options().dtype(at::kFloat).requires_grad(false)));
    const bool plain = std::find(no_decay.begin(), no_decay.end(), trained_[i].name) != no_decay.end();
    (plain ? plain_ : decayed_).push_back(i);
  }
  failed_ = at::zeros({}, trained_.front().tensor.options().dtype(at::kFloat).requires_grad(false));
}

void AdamW::zero_grad() {
  for (NamedTensor& named : trained_) named.tensor.mutable_grad() = at::Tensor();
}

at::Tensor AdamW::step(double learning_rate, const at::Tensor& loss) {
  const at::NoGradGuard guard;
  std::vector<at::Tensor> grads;
  for (const NamedTensor& named : trained_) {
    grads.push_back(named.tensor.grad().defined() ? named.tensor.grad() : at::zeros_like(named.tensor));
  }
  at::Tensor norm = at::stack(at::_foreach_norm(grads)).norm();
  // 0 * x is 0 for what is finite, and NaN, which differs from 0, for the rest.
  failed_ = at::maximum(failed_, ((norm + loss) * 0).ne(0).to(at::kFloat));
  if (max_grad_norm_ > 0) at::_foreach_mul_(grads, (max_grad_norm_ / (norm + 1e-6)).clamp_max(1.0));
  const at::Tensor counted = 1 - failed_;
  for (const auto& [group, decay] : {std::pair{&decayed_, weight_decay_}, std::pair{&plain_, 0.0}}) {
    if (group->empty()) continue;
    std::vector<at::Tensor> tensors, group_grads, averages, squares, steps;
    for (const std::size_t i : *group) {
      tensors.push_back(trained_[i].tensor);
      group_grads.push_back(grads[i]);
      averages.push_back(averages_[i]);
      squares.push_back(squares_[i]);
      steps.push_back(steps_[i]);
    }
    at::_foreach_add_(steps, counted);
    at::_fused_adamw_(tensors, group_grads, averages, squares, {}, steps, learning_rate, beta1_, beta2_, decay,
                      epsilon_,
                      /*amsgrad=*/false, /*maximize=*/false, /*grad_scale=*/std::nullopt, /*found_inf=*/failed_);
    // LibTorch's own step forgets to say that they have changed, and copies of them ask (nn/factor_copies.h).
    for (const at::Tensor& tensor : tensors) tensor.unsafeGetTensorImpl()->bump_version();
  }
  return norm;
}

std::vector<std::pair<std::string, at::Tensor>> AdamW::state() const {
  std::vector<std::pair<std::string, at::Tensor>> state;
  for (std::size_t i = 0; i < trained_.size(); ++i) {
    state.emplace_back(trained_[i].name + ".exp_avg", averages_[i]);
    state.emplace_back(trained_[i].name + ".exp_avg_sq", squares_[i]);
    state.emplace_back(trained_[i].name + ".step", steps_[i]);
  }
  return state;
}

void AdamW::load_state(const std::unordered_map<std::string, at::Tensor>& state) {
  for (const auto& [name, tensor] : this->state()) {
    const auto found = state.find(name);
    if (found == state.end() || found->second.sizes() != tensor.sizes()) {
      throw ModelError(cat("the saved optimizer state does not fit this run: ", name));
    }
    at::Tensor target = tensor;
    target.copy_(found->second);
  }
}

}  // namespace hiddenkey
