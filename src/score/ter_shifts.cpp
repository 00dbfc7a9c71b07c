#include "score/ter_shifts.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>
#include <tuple>

#include "score/edit_distance.h"

namespace hiddenkey {
namespace {

constexpr std::size_t kLongestShift = 10, kFurthestShift = 50, kBeam = 25;
constexpr int kMostCandidates = 1000;

/// The words with `length` of them from `start` moved to before `target`, which counts in the old places; a target
/// within the run or behind it is as many words further.
Tokens shifted(const Tokens& words, std::size_t start, std::size_t length, std::size_t target) {
  Tokens rest(words);
  const auto at = [](Tokens& tokens, std::size_t i) { return tokens.begin() + static_cast<std::ptrdiff_t>(i); };
  rest.erase(at(rest, start), at(rest, start + length));
  std::size_t place = target;
  if (target > start + length) place = target - length;
  place = std::min(place, rest.size());
  Tokens run(words.begin() + static_cast<std::ptrdiff_t>(start),
             words.begin() + static_cast<std::ptrdiff_t>(start + length));
  rest.insert(at(rest, place), run.begin(), run.end());
  return rest;
}

/// Where each word of the reference stands in the hypothesis (-1: before it), and which words are wrong.
struct Alignment {
  std::vector<std::ptrdiff_t> place;
  std::vector<bool> reference_wrong, hypothesis_wrong;
};

Alignment alignment_of(const std::vector<Edit>& steps) {
  Alignment alignment;
  for (const Edit step : steps) {
    const bool wrong = step != Edit::kKeep;
    if (step != Edit::kInsert) alignment.hypothesis_wrong.push_back(wrong);
    if (step == Edit::kDelete) continue;
    alignment.place.push_back(static_cast<std::ptrdiff_t>(alignment.hypothesis_wrong.size()) - 1);
    alignment.reference_wrong.push_back(wrong);
  }
  return alignment;
}

bool any(const std::vector<bool>& wrong, std::size_t start, std::size_t length) {
  const auto begin = wrong.begin() + static_cast<std::ptrdiff_t>(start);
  return std::find(begin, begin + static_cast<std::ptrdiff_t>(length), true) !=
         begin + static_cast<std::ptrdiff_t>(length);
}

class TercomShifts {
 public:
  TercomShifts(const Tokens& hypothesis, const Tokens& reference, std::size_t beam)
      : words_(hypothesis), reference_(reference), distance_(reference, hypothesis.size(), beam) {}

  std::size_t edits() {
    std::size_t shifts = 0;
    while (true) {
      find_best();
      if (candidates_ >= kMostCandidates || best_gain_ <= 0) break;
      words_ = best_words_;
      ++shifts;
    }
    return shifts + static_cast<std::size_t>(distance_(words_));
  }

 private:
  using Rank = std::tuple<int, std::size_t, std::ptrdiff_t, std::ptrdiff_t>;

  void find_best() {
    before_ = distance_(words_);
    alignment_ = alignment_of(distance_.steps());
    best_ = {std::numeric_limits<int>::min(), 0, 0, 0};
    best_gain_ = 0;
    for (std::size_t start = 0; start < words_.size(); ++start) {
      for (std::size_t to = 0; to < reference_.size(); ++to) {
        if ((to > start ? to - start : start - to) <= kFurthestShift && !try_runs(start, to)) return;
      }
    }
  }

  /// False when there were enough candidates.
  bool try_runs(std::size_t start, std::size_t to) {
    for (std::size_t length = 1; length <= kLongestShift; ++length) {
      if (start + length > words_.size() || to + length > reference_.size()) break;
      if (words_[start + length - 1] != reference_[to + length - 1]) break;
      const std::ptrdiff_t place = alignment_.place[to], first = static_cast<std::ptrdiff_t>(start);
      if (!any(alignment_.hypothesis_wrong, start, length) || !any(alignment_.reference_wrong, to, length)) continue;
      if (first <= place && place < first + static_cast<std::ptrdiff_t>(length)) continue;
      try_places(start, to, length);
      if (candidates_ >= kMostCandidates) return false;
    }
    return true;
  }

  void try_places(std::size_t start, std::size_t to, std::size_t length) {
    std::ptrdiff_t previous = -1;
    // Behind where the reference's word before the run stands, then behind those of the run.
    for (std::size_t next = to; next <= to + length && next <= reference_.size(); ++next) {
      const std::ptrdiff_t place = next == 0 ? 0 : alignment_.place[next - 1] + 1;
      if (place == previous) continue;
      previous = place;
      Tokens words = shifted(words_, start, length, static_cast<std::size_t>(place));
      const int gain = before_ - distance_(words);
      const Rank rank{gain, length, -static_cast<std::ptrdiff_t>(start), -place};
      ++candidates_;
      if (rank <= best_) continue;
      best_ = rank;
      best_gain_ = gain;
      best_words_ = std::move(words);
    }
  }

  Tokens words_;
  const Tokens& reference_;
  EditDistance distance_;
  Alignment alignment_;
  int before_ = 0, best_gain_ = 0, candidates_ = 0;
  Rank best_;
  Tokens best_words_;
};

/// No order of the hypothesis' words is nearer to the reference than this.
int least_distance(Tokens hypothesis, Tokens reference) {
  std::sort(hypothesis.begin(), hypothesis.end());
  std::sort(reference.begin(), reference.end());
  Tokens common;
  std::set_intersection(hypothesis.begin(), hypothesis.end(), reference.begin(), reference.end(),
                        std::back_inserter(common));
  return static_cast<int>(std::max(hypothesis.size(), reference.size()) - common.size());
}

/// The number of words that stand in both texts from these places on.
std::size_t same_words(const Tokens& words, std::size_t start, const Tokens& reference, std::size_t to) {
  const auto at = [](const Tokens& tokens, std::size_t i) { return tokens.begin() + static_cast<std::ptrdiff_t>(i); };
  const auto [end, other] = std::mismatch(at(words, start), words.end(), at(reference, to), reference.end());
  return static_cast<std::size_t>(end - at(words, start));
}

}  // namespace

std::size_t tercom_edits(const Tokens& hypothesis, const Tokens& reference) {
  if (reference.empty()) return hypothesis.size();
  const double slope =
      hypothesis.empty() ? 1 : static_cast<double>(reference.size()) / static_cast<double>(hypothesis.size());
  const std::size_t beam = slope / 2 > kBeam ? static_cast<std::size_t>(std::ceil(slope / 2 + kBeam)) : kBeam;
  return TercomShifts(hypothesis, reference, beam).edits();
}

PyterEdits pyter_edits(const Tokens& hypothesis, const Tokens& reference) {
  constexpr std::size_t kMostCells = 1'000'000'000;  // of tables of distances: some seconds
  EditDistance distance(reference, hypothesis.size(), reference.size() + 1);
  std::size_t candidates = kMostCells / ((hypothesis.size() + 1) * (reference.size() + 1));
  const int least = least_distance(hypothesis, reference);
  Tokens words = hypothesis;
  for (std::size_t shifts = 0;; ++shifts) {
    const int before = distance(words);
    const PyterEdits here{shifts + static_cast<std::size_t>(before)};
    if (before == least) return here;
    std::pair<int, Tokens> best{0, {}};
    for (std::size_t start = 0; start < words.size(); ++start) {
      for (std::size_t to = 0; to < reference.size(); ++to) {
        const std::size_t length = same_words(words, start, reference, to);
        // A run that moves changes the distance by at most twice its words.
        if (length == 0 || start == to || 2 * static_cast<int>(length) < best.first) continue;
        // pyter counts the place after the run is taken out.
        Tokens candidate = shifted(words, start, length, to > start ? to + length : to);
        if (candidate == words) continue;
        if (candidates-- == 0) return {here.edits, false};
        const int gain = before - distance(candidate);
        best = std::max(best, std::pair{gain, std::move(candidate)});
      }
    }
    if (best.first <= 0) return here;
    words = best.second;
  }
}

}  // namespace hiddenkey
