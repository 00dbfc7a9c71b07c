#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "score/metric.h"

namespace hiddenkey {

/// A text's tokens, as numbers that mean the same token throughout one TokenMemory.
using Tokens = std::vector<std::uint32_t>;

struct TokenSegment {
  Tokens hypothesis;
  std::vector<Tokens> references;
};

using Tokenize = std::function<std::vector<std::string>(std::string_view)>;

/// Tokenizes each text once: the references of a second system cost nothing.
class TokenMemory {
 public:
  explicit TokenMemory(Tokenize tokenize) : tokenize_(std::move(tokenize)) {}

  const Tokens& tokens(const std::string& text);
  std::vector<TokenSegment> corpus(const std::vector<Segment>& segments);

 private:
  Tokenize tokenize_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::unordered_map<std::string, Tokens> known_;
};

}  // namespace hiddenkey
