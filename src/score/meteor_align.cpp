#include "score/meteor_align.h"

#include <algorithm>
#include <tuple>

namespace hiddenkey {
namespace {

constexpr std::size_t kBeam = 40;

struct Partial {
  MeteorAlignment alignment;
  std::vector<bool> used;  ///< words of the reference
  std::size_t distance = 0;

  bool operator<(const Partial& other) const {
    return std::tuple(other.alignment.matches.size(), alignment.chunks, distance) <
           std::tuple(alignment.matches.size(), other.alignment.chunks, other.distance);
  }
};

Partial with_match(const Partial& partial, const MeteorMatch& match) {
  Partial next = partial;
  const auto& matches = partial.alignment.matches;
  const bool goes_on = !matches.empty() && matches.back().hypothesis + 1 == match.hypothesis &&
                       matches.back().reference + 1 == match.reference;
  if (!goes_on) ++next.alignment.chunks;
  next.alignment.matches.push_back(match);
  next.used[match.reference] = true;
  next.distance +=
      match.hypothesis > match.reference ? match.hypothesis - match.reference : match.reference - match.hypothesis;
  return next;
}

}  // namespace

MeteorAlignment align(const std::vector<const MeteorWord*>& hypothesis,
                      const std::vector<const MeteorWord*>& reference) {
  std::vector<Partial> beam(1);
  beam[0].used.resize(reference.size());
  for (std::size_t i = 0; i < hypothesis.size(); ++i) {
    std::vector<MeteorMatch> options;
    for (std::size_t j = 0; j < reference.size(); ++j) {
      if (const auto stage = match(*hypothesis[i], *reference[j])) options.push_back({i, j, *stage});
    }
    if (options.empty()) continue;
    std::vector<Partial> next;
    for (const Partial& partial : beam) {
      for (const MeteorMatch& option : options) {
        if (!partial.used[option.reference]) next.push_back(with_match(partial, option));
      }
      next.push_back(partial);
    }
    std::stable_sort(next.begin(), next.end());
    if (next.size() > kBeam) next.resize(kBeam);
    beam = std::move(next);
  }
  return std::min_element(beam.begin(), beam.end())->alignment;
}

}  // namespace hiddenkey
