#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

namespace hiddenkey {

/// The factors of a layer's low-rank terms as products take them: of the base's type, and the A of all terms below each
/// other, so that what reads an input reads it once. In half precision a rank is filled up with zeros to a multiple of
/// 8, since 16 bytes a row are the least that tensor cores take.
/// I inputs, O outputs, R a term's rank as filled up, S the sum of these.
class FactorCopies {
 public:
  /// A and B of one term as they are trained.
  struct Factors {
    at::Tensor a_RI, b_OR;
  };

  /// Copies what is new here or has been written to since it was copied: in training, once a step. Whoever writes to a
  /// factor behind LibTorch's back bumps its version, as AdamW does.
  void follow(const std::vector<Factors>& terms, const at::TensorOptions& base);

  /// A of some terms, below each other.
  at::Tensor a_of(const std::vector<std::size_t>& terms) const;
  const at::Tensor& b_of(std::size_t term) const { return b_OR_[term]; }

 private:
  bool is_of(const std::vector<Factors>& terms, const at::TensorOptions& base) const;
  void allocate(const std::vector<Factors>& terms, const at::TensorOptions& base);

  at::Tensor a_SI_;
  std::vector<at::Tensor> b_OR_;
  std::vector<int64_t> place_;     ///< of each term's A in a_SI
  std::vector<Factors> copied_;    ///< the factors that are followed
  std::vector<int64_t> versions_;  ///< of A and B of each, when they were copied
};

}  // namespace hiddenkey
