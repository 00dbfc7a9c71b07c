#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

/// I inputs, O outputs, R rank.
namespace hiddenkey {

/// A low-rank term on the outputs offset .. offset+O-1 of a layer: scaling * dropout(x) A^T B^T (LoRA). With a
/// magnitude the rows of W + scaling B A keep their directions alone, and their lengths are the magnitude's (DoRA, Liu
/// et al., ICML 2024, section 4).
struct LowRank {
  at::Tensor a_RI;  ///< float32
  at::Tensor b_OR;  ///< float32
  double scaling = 1;
  int64_t offset = 0;
  double dropout = 0;           ///< of the term's own input, in training
  uint32_t number = 0;          ///< of the adapter in its layer: part of the address of that dropout's mask
  at::Tensor magnitude_O = {};  ///< float32; undefined: none

  int64_t outputs() const { return b_OR.size(0); }
  /// W + scaling B A, of the layer's whole matrix, in the type of its argument.
  at::Tensor adapted_weight(const at::Tensor& weight_OI, at::ScalarType type) const;
};

/// The length of each row of a matrix.
at::Tensor row_norms(const at::Tensor& weight_OI);

/// The factors of a layer's low-rank terms as products take them: of the base's type, and the A of all terms below each
/// other, so that what reads an input reads it once. In half precision a rank is filled up with zeros to a multiple of
/// 8, since 16 bytes a row are the least that tensor cores take.
/// R is a rank as filled up here, S the sum of these.
class FactorCopies {
 public:
  /// Copies what is new here or has been written to since it was copied: in training, once a step. Whoever writes to a
  /// factor behind LibTorch's back bumps its version, as AdamW does.
  void follow(const std::vector<LowRank>& terms, const at::Tensor& weight_OI);

  /// A of some terms, below each other.
  at::Tensor a_of(const std::vector<std::size_t>& terms) const;
  const at::Tensor& b_of(std::size_t term) const { return b_OR_[term]; }
  /// The lengths of the rows of W + scaling B A, where the term has a magnitude. They take no part in the backward
  /// pass, as the paper has it (section 4.3).
  const at::Tensor& norm_of(std::size_t term) const { return norm_O_[term]; }

 private:
  bool is_of(const std::vector<LowRank>& terms, const at::TensorOptions& base) const;
  void allocate(const std::vector<LowRank>& terms, const at::TensorOptions& base);

  at::Tensor a_SI_;
  std::vector<at::Tensor> b_OR_, norm_O_;
  std::vector<int64_t> place_;     ///< of each term's A in a_SI
  std::vector<LowRank> copied_;    ///< the factors that are followed
  std::vector<int64_t> versions_;  ///< of A and B of each, when they were copied
};

}  // namespace hiddenkey
