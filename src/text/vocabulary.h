#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hiddenkey {

/// Lets a map of texts be asked with a view.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

/// Tokens and their ids.
class Vocabulary {
 public:
  /// ModelError where the token or the id is there already; `source` names the file.
  void add(const std::string& token, int32_t id, const std::string& source);

  /// Gives a token another id where it is there already; whether it was.
  bool replace(const std::string& token, int32_t id, const std::string& source);

  std::optional<int32_t> find(std::string_view token) const {
    const auto found = ids_.find(token);
    return found == ids_.end() ? std::nullopt : std::make_optional(found->second);
  }
  /// Null where no token has the id.
  const std::string* token_of(int32_t id) const {
    const auto found = tokens_.find(id);
    return found == tokens_.end() ? nullptr : &found->second;
  }
  bool has_id(int32_t id) const { return tokens_.contains(id); }
  int64_t size() const { return largest_ + 1; }  ///< largest id + 1
  std::size_t count() const { return ids_.size(); }
  bool empty() const { return ids_.empty(); }

 private:
  std::unordered_map<std::string, int32_t, TextHash, std::equal_to<>> ids_;
  std::unordered_map<int32_t, std::string> tokens_;
  int64_t largest_ = -1;
};

}  // namespace hiddenkey
