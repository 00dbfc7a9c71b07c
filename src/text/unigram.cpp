#include "text/unigram.h"

#include <unicode/bytestrie.h>
#include <unicode/bytestriebuilder.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "core/text.h"
#include "core/utf8.h"
#include "text/unicode.h"

namespace hiddenkey {
namespace {

/// How much worse than the worst piece an unknown character is.
constexpr double kUnknownPenalty = 10;
constexpr std::size_t kLongestPiece = 0xFFFF;  // bytes: ICU's tries have no longer keys

std::size_t size_of_character(std::string_view word, std::size_t place) {
  std::size_t end = place;
  next_character(word, end);
  return end - place;
}

/// The double that serde_json makes of a number's shortest decimal: the digits as a double, divided or multiplied by a
/// power of ten. Both steps round, so it can be the neighbour of the one that is nearest.
double read_as_decimal(double number) {
  std::array<char, 32> text{};
  const char* const end =
      std::to_chars(text.data(), text.data() + text.size(), std::abs(number), std::chars_format::scientific).ptr;
  const char* const mark = std::find(std::as_const(text).begin(), std::as_const(text).end(), 'e');
  uint64_t digits = 0;
  for (const char* c = text.data(); c != mark; ++c) {
    if (*c != '.') digits = 10 * digits + static_cast<uint64_t>(*c - '0');
  }
  int exponent = 0;
  std::from_chars(mark + (mark[1] == '+' ? 2 : 1), end, exponent);
  exponent -= std::max(0, static_cast<int>(mark - text.data()) - 2);  // digits behind the point
  double power = 0;
  const std::string ten = cat("1e", std::abs(exponent));
  if (std::from_chars(ten.data(), ten.data() + ten.size(), power).ec != std::errc()) return number;
  const auto whole = static_cast<double>(digits);
  return std::copysign(exponent < 0 ? whole / power : whole * power, number);
}

}  // namespace

/// How the best way to a place in the word gets there.
struct Unigram::Step {
  static constexpr std::size_t kNone = std::string_view::npos;
  std::size_t from = kNone;
  double score = 0;
  int32_t id = 0;

  void offer(std::size_t place, double sum, int32_t piece) {
    if (from == kNone || sum > score) *this = {place, sum, piece};
  }
};

void Unigram::add(std::string_view piece, double score) {
  pieces_.emplace_back(piece);
  scores_.push_back(score);
}

void Unigram::read_scores_as_decimals() {
  for (double& score : scores_) score = read_as_decimal(score);
}

void Unigram::finish(const std::string& source) {
  if (unknown < 0 || static_cast<std::size_t>(unknown) >= pieces_.size())
    throw ModelError(cat(source, ": the unknown piece has the id ", unknown, ", but there are ", pieces_.size(),
                         pieces_.size() == 1 ? " piece" : " pieces"));
  UErrorCode status = U_ZERO_ERROR;
  icu::BytesTrieBuilder builder(status);
  for (std::size_t id = 0; id < pieces_.size(); ++id) {
    const std::string& piece = pieces_[id];
    if (piece.size() > kLongestPiece)
      throw ModelError(cat(source, ": a piece of ", piece.size(), " bytes is too long"));
    // No text holds an empty piece.
    if (!piece.empty())
      builder.add({piece.data(), static_cast<int32_t>(piece.size())}, static_cast<int32_t>(id), status);
  }
  const icu::StringPiece made = builder.buildStringPiece(USTRINGTRIE_BUILD_FAST, status);
  if (U_FAILURE(status)) throw ModelError(cat(source, ": the pieces make no model: ", u_errorName(status)));
  trie_.assign(made.data(), static_cast<std::size_t>(made.length()));
  unknown_score_ = *std::min_element(scores_.begin(), scores_.end()) - kUnknownPenalty;
  pieces_ = {};
}

std::vector<Unigram::Step> Unigram::best_steps(std::string_view word) const {
  std::vector<Step> steps(word.size() + 1);
  icu::BytesTrie trie(trie_.data());
  for (std::size_t place = 0; place < word.size();) {
    const double before = steps[place].score;
    const std::size_t next = place + size_of_character(word, place);
    bool has_character = false;
    trie.reset();
    for (std::size_t end = place; end < word.size();) {
      const UStringTrieResult result = trie.next(static_cast<unsigned char>(word[end++]));
      if (USTRINGTRIE_HAS_VALUE(result)) {
        const int32_t id = trie.getValue();
        steps[end].offer(place, scores_[static_cast<std::size_t>(id)] + before, id);
        has_character = has_character || end == next;
      }
      if (!USTRINGTRIE_HAS_NEXT(result)) break;
    }
    if (!has_character) steps[next].offer(place, unknown_score_ + before, unknown);
    place = next;
  }
  return steps;
}

void Unigram::encode(std::u32string_view text, const Vocabulary& vocabulary, std::vector<int32_t>& ids) const {
  const std::string word = encode_utf8(text);
  const std::vector<Step> steps = best_steps(word);
  std::vector<std::size_t> ends;
  for (std::size_t end = word.size(); end > 0; end = steps[end].from) ends.push_back(end);
  for (auto end = ends.rbegin(); end != ends.rend(); ++end) {
    if (steps[*end].id != unknown) {
      ids.push_back(steps[*end].id);
      continue;
    }
    // Neighbouring unknown characters are one.
    const std::size_t begin = steps[*end].from;
    while (std::next(end) != ends.rend() && steps[*std::next(end)].id == unknown) ++end;
    add_unknown(std::string_view(word).substr(begin, *end - begin), vocabulary, ids);
  }
}

void Unigram::add_unknown(std::string_view part, const Vocabulary& vocabulary, std::vector<int32_t>& ids) const {
  // Together they may be a piece whose score is worse than theirs.
  if (const auto id = vocabulary.find(part)) return ids.push_back(*id);
  if (!byte_fallback) return ids.push_back(unknown);
  std::vector<int32_t> bytes;
  for (const char c : part) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    const auto id = vocabulary.find(std::string{'<', '0', 'x', kDigits[byte >> 4], kDigits[byte & 15], '>'});
    if (!id) return ids.push_back(unknown);
    bytes.push_back(*id);
  }
  ids.insert(ids.end(), bytes.begin(), bytes.end());
}

}  // namespace hiddenkey
