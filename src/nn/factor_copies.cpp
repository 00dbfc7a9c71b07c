#include "nn/factor_copies.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace hiddenkey {
namespace {

constexpr int64_t kRankStep = 8;

int64_t filled_up(int64_t rank, at::ScalarType type) {
  const bool half = type == at::kBFloat16 || type == at::kHalf;
  return half ? (rank + kRankStep - 1) / kRankStep * kRankStep : rank;
}

}  // namespace

at::Tensor LowRank::adapted_weight(const at::Tensor& weight_OI, at::ScalarType type) const {
  return at::addmm(weight_OI.narrow(0, offset, outputs()).to(type), b_OR.to(type), a_RI.to(type), 1, scaling);
}

at::Tensor row_norms(const at::Tensor& weight_OI) { return at::linalg_vector_norm(weight_OI, 2, {1}); }

bool FactorCopies::is_of(const std::vector<LowRank>& terms, const at::TensorOptions& base) const {
  const auto same = [](const LowRank& a, const LowRank& b) { return a.a_RI.is_same(b.a_RI) && a.b_OR.is_same(b.b_OR); };
  return std::equal(terms.begin(), terms.end(), copied_.begin(), copied_.end(), same) &&
         a_SI_.scalar_type() == base.dtype().toScalarType() && a_SI_.device() == base.device();
}

void FactorCopies::allocate(const std::vector<LowRank>& terms, const at::TensorOptions& base) {
  *this = FactorCopies();
  int64_t ranks = 0;
  for (const LowRank& term : terms) {
    const int64_t rank = filled_up(term.a_RI.size(0), base.dtype().toScalarType());
    place_.push_back(std::exchange(ranks, ranks + rank));
    b_OR_.push_back(at::zeros({term.b_OR.size(0), rank}, base));
  }
  norm_O_.resize(terms.size());
  a_SI_ = at::zeros({ranks, terms.front().a_RI.size(1)}, base);
  copied_ = terms;
  versions_.assign(2 * terms.size(), -1);
}

void FactorCopies::follow(const std::vector<LowRank>& terms, const at::Tensor& weight_OI) {
  const at::NoGradGuard guard;
  const at::TensorOptions base = weight_OI.options().requires_grad(false);
  if (!is_of(terms, base)) allocate(terms, base);
  std::vector<at::Tensor> targets, sources;
  const auto copy_if_new = [&](int64_t& version, const at::Tensor& source, const at::Tensor& target) {
    if (std::exchange(version, source._version()) == version) return false;
    sources.push_back(source);
    targets.push_back(target);
    return true;
  };
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const int64_t rank = terms[i].a_RI.size(0);
    const bool new_a = copy_if_new(versions_[2 * i], terms[i].a_RI, a_SI_.narrow(0, place_[i], rank));
    const bool new_b = copy_if_new(versions_[2 * i + 1], terms[i].b_OR, b_OR_[i].narrow(1, 0, rank));
    if (terms[i].magnitude_O.defined() && (new_a || new_b))
      norm_O_[i] = row_norms(terms[i].adapted_weight(weight_OI, terms[i].a_RI.scalar_type()));
  }
  if (!targets.empty()) at::_foreach_copy_(targets, sources);
}

at::Tensor FactorCopies::a_of(const std::vector<std::size_t>& terms) const {
  if (terms.size() == place_.size() && std::is_sorted(terms.begin(), terms.end())) return a_SI_;
  std::vector<at::Tensor> parts;
  for (const std::size_t i : terms) parts.push_back(a_SI_.narrow(0, place_[i], b_OR_[i].size(1)));
  return parts.size() == 1 ? parts.front() : at::cat(parts);
}

}  // namespace hiddenkey
