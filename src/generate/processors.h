#pragma once

#include <ATen/ATen.h>

#include "generate/rows.h"

/// R rows, V tokens of the vocabulary.
namespace hiddenkey {

/// The rules of a search, in the order of Transformers' logits processors.
class LogitsProcessors {
 public:
  /// For scores of `vocabulary` tokens on a device. Rules and end tokens are used by reference.
  LogitsProcessors(const LogitsRules& rules, const TokenIds& end_ids, int64_t vocabulary, at::Device device);

  /// float32 [R,V] scores of the rows' next tokens, logits or log-probabilities -> the same with the rules applied; the
  /// argument itself where no rule is on. All rows have equally many new tokens.
  at::Tensor apply(const at::Tensor& scores_RV, const std::vector<Row>& rows) const;

  /// What comes after the filters of sampling: the scores as log-probabilities, where that is a rule.
  at::Tensor renormalize(const at::Tensor& scores_RV) const;

 private:
  /// Biases of single tokens as a vector, and those of longer runs.
  struct Biases {
    at::Tensor single_V;  ///< undefined where there is none
    std::vector<SequenceBias> runs;
    bool empty() const { return !single_V.defined() && runs.empty(); }
  };
  Biases make_biases(const std::vector<SequenceBias>& biases) const;
  at::Tensor columns(const TokenIds& ids) const;
  static void add_biases(const Biases& biases, const std::vector<TokenIds>& all, at::Tensor& scores_RV);
  void ban_runs(const std::vector<Row>& rows, const std::vector<TokenIds>& all, at::Tensor& scores_RV) const;
  void hold_back_end(const std::vector<Row>& rows, const std::vector<TokenIds>& all, at::Tensor& scores_RV) const;
  void force(const std::vector<Row>& rows, at::Tensor& scores_RV) const;
  void favour_end(int64_t new_tokens, at::Tensor& scores_RV) const;
  void suppress(const std::vector<Row>& rows, at::Tensor& scores_RV) const;

  const LogitsRules& rules_;
  int64_t vocabulary_;
  at::Device device_;
  Biases biases_, bad_words_;
  at::Tensor end_ids_, suppress_, begin_suppress_;  ///< int64 columns; undefined where there is none
  bool active_ = false;
};

}  // namespace hiddenkey
