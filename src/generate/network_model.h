#pragma once

#include <memory>

#include "generate/search.h"
#include "model/decoder_cache.h"
#include "model/network.h"

namespace hiddenkey {

/// A network with a language head, as a search sees it. Uses the network by reference.
class NetworkModel : public TokenModel {
 public:
  explicit NetworkModel(const Network& network);
  at::Tensor start(const std::vector<TokenIds>& prompts, int64_t copies) override;
  at::Tensor step(const TokenIds& ids_R) override;
  void reorder(const std::vector<int64_t>& parents) override { cache_->reorder(parents); }
  void keep(const std::vector<int64_t>& rows) override { cache_->keep(rows); }
  int64_t context() const override { return network_.architecture().max_positions; }

 private:
  at::Tensor logits(const at::Tensor& hidden_RD) const;

  const Network& network_;
  at::Device device_;
  std::unique_ptr<DecoderCache> cache_;
};

}  // namespace hiddenkey
