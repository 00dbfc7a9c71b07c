#include "text/byte_bpe.h"

#include <algorithm>
#include <atomic>
#include <queue>

#include "core/error.h"
#include "core/text.h"
#include "text/gpt2_words.h"
#include "text/unicode.h"

namespace hiddenkey {
namespace {

uint64_t pair_key(int32_t left, int32_t right) {
  return static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32 | static_cast<uint32_t>(right);
}

/// The token that stands for a byte where a character is unknown: "<0x0A>".
std::string byte_token(unsigned char byte) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  return {'<', '0', 'x', kDigits[byte >> 4], kDigits[byte & 15], '>'};
}

/// A symbol of a word in the making: a list in an array.
struct Symbol {
  int32_t id;
  int32_t previous, next;
};

/// The candidate with the lowest rank, then the leftmost, comes first.
struct Candidate {
  int32_t rank, place, token, left, right;
  bool operator<(const Candidate& other) const { return rank != other.rank ? rank > other.rank : place > other.place; }
};

}  // namespace

std::string byte_character(unsigned char byte) {
  const auto printable = [](unsigned b) { return (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174; };
  std::string text;
  if (printable(byte)) {
    append_utf8(text, byte);
    return text;
  }
  char32_t c = 256;
  for (unsigned b = 0; b < byte; ++b) c += printable(b) ? 0 : 1;
  append_utf8(text, c);
  return text;
}

void ByteBpe::add_merge(const std::string& left, const std::string& right, const Vocabulary& vocabulary,
                        const std::string& source) {
  const auto a = vocabulary.find(left), b = vocabulary.find(right), both = vocabulary.find(left + right);
  if (!a || !b || !both) {
    throw ModelError(cat(source, ": merges \"", left, "\" and \"", right, "\", but the vocabulary lacks \"",
                         !a   ? left
                         : !b ? right
                              : left + right,
                         "\""));
  }
  merges_.emplace(pair_key(*a, *b), Merge{static_cast<int32_t>(merges_.size()), *both});
}

void ByteBpe::add_merge(const std::string& line, const Vocabulary& vocabulary, const std::string& source) {
  const std::size_t space = line.find(' ');
  if (space == std::string::npos) throw ModelError(cat(source, ": \"", line, "\" is no pair"));
  add_merge(line.substr(0, space), line.substr(space + 1), vocabulary, source);
}

void ByteBpe::add_ranked(int32_t left, int32_t right, int32_t token, int32_t rank) {
  merges_.emplace(pair_key(left, right), Merge{rank, token});
}

void ByteBpe::finish(const Vocabulary& vocabulary) {
  static std::atomic<uint64_t> serials{0};
  serial_ = ++serials;
  for (unsigned b = 0; b < 256; ++b) {
    const auto byte = static_cast<unsigned char>(b);
    byte_ids_[b] = vocabulary.find(byte_level ? byte_character(byte) : byte_token(byte));
  }
}

std::optional<int32_t> ByteBpe::whole_token(std::string_view word, const Vocabulary& vocabulary) const {
  if (!byte_level) return vocabulary.find(word);
  std::string shown;
  for (const char c : word) shown += byte_character(static_cast<unsigned char>(c));
  return vocabulary.find(shown);
}

std::vector<int32_t> ByteBpe::byte_symbols(std::string_view word) const {
  std::vector<int32_t> ids;
  bool after_unknown = false;
  for (const char c : word) {
    const std::optional<int32_t> id = byte_ids_[static_cast<unsigned char>(c)];
    const bool again = !id && after_unknown && fuse_unknown;
    if (id || (unknown && !again)) ids.push_back(id ? *id : *unknown);
    after_unknown = !id;
  }
  return ids;
}

std::vector<int32_t> ByteBpe::character_symbols(std::string_view word, const Vocabulary& vocabulary) const {
  std::vector<int32_t> ids;
  bool after_unknown = false;
  std::string bytes;
  for (const char32_t c : decode_utf8(word)) {
    bytes.clear();
    append_utf8(bytes, c);
    const auto byte_id = [&](char byte) { return byte_ids_[static_cast<unsigned char>(byte)]; };
    const auto known = [&](char byte) { return byte_id(byte).has_value(); };
    const auto id = vocabulary.find(bytes);
    const bool fallback = !id && byte_fallback && std::all_of(bytes.begin(), bytes.end(), known);
    if (id) ids.push_back(*id);
    for (std::size_t i = 0; fallback && i < bytes.size(); ++i) ids.push_back(*byte_id(bytes[i]));
    const bool lost = !id && !fallback;
    if (lost && unknown && !(after_unknown && fuse_unknown)) ids.push_back(*unknown);
    after_unknown = lost;
  }
  return ids;
}

std::vector<int32_t> ByteBpe::symbols_of(std::string_view word, const Vocabulary& vocabulary) const {
  return byte_level ? byte_symbols(word) : character_symbols(word, vocabulary);
}

std::vector<int32_t> ByteBpe::merged(std::string_view word, const Vocabulary& vocabulary) const {
  if (ignore_merges) {
    if (const auto whole = whole_token(word, vocabulary)) return {*whole};
  }
  std::vector<Symbol> symbols;
  for (const int32_t id : symbols_of(word, vocabulary)) {
    const auto place = static_cast<int32_t>(symbols.size());
    symbols.push_back({id, place - 1, place + 1});
  }
  if (!symbols.empty()) symbols.back().next = -1;
  std::priority_queue<Candidate> queue;
  const auto consider = [&](int32_t place) {
    if (place < 0 || symbols[place].next < 0) return;
    const int32_t left = symbols[place].id, right = symbols[symbols[place].next].id;
    if (const auto merge = merges_.find(pair_key(left, right)); merge != merges_.end()) {
      queue.push({merge->second.rank, place, merge->second.token, left, right});
    }
  };
  for (int32_t place = 0; place < static_cast<int32_t>(symbols.size()); ++place) consider(place);
  while (!queue.empty()) {
    const Candidate top = queue.top();
    queue.pop();
    Symbol& left = symbols[top.place];
    // What has been merged since is no longer a candidate.
    if (left.id != top.left || left.next < 0 || symbols[left.next].id != top.right) continue;
    Symbol& right = symbols[left.next];
    left.id = top.token;
    left.next = right.next;
    right.id = -1;
    if (left.next >= 0) symbols[left.next].previous = top.place;
    consider(left.previous);
    consider(top.place);
  }
  std::vector<int32_t> ids;
  for (int32_t place = symbols.empty() ? -1 : 0; place >= 0; place = symbols[place].next)
    ids.push_back(symbols[place].id);
  return ids;
}

void ByteBpe::encode(std::u32string_view text, const Vocabulary& vocabulary, std::vector<int32_t>& ids) const {
  std::u32string prefixed;
  if (add_prefix_space && !text.empty() && text.front() != U' ') {
    prefixed = U" " + std::u32string(text);
    text = prefixed;
  }
  struct Memory {
    uint64_t serial = 0;
    std::unordered_map<std::string, std::vector<int32_t>> words;
  };
  constexpr std::size_t kMostWords = 50000, kLongestKept = 64;
  thread_local Memory memory;
  if (memory.serial != serial_ || memory.words.size() > kMostWords) memory = {serial_, {}};
  for (const std::u32string_view word : use_regex ? gpt2_words(text) : std::vector{text}) {
    std::string bytes = encode_utf8(word);
    auto known = memory.words.find(bytes);
    if (known != memory.words.end()) {
      ids.insert(ids.end(), known->second.begin(), known->second.end());
      continue;
    }
    const std::vector<int32_t> fresh = merged(bytes, vocabulary);
    ids.insert(ids.end(), fresh.begin(), fresh.end());
    if (bytes.size() <= kLongestKept) memory.words.emplace(std::move(bytes), fresh);
  }
}

}  // namespace hiddenkey
