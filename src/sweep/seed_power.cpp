#include "sweep/seed_power.h"

#include <algorithm>
#include <cmath>

#include "core/text.h"

namespace hiddenkey {
namespace {

double smallest_p(std::size_t seeds) { return std::min(1.0, std::exp2(1.0 - static_cast<double>(seeds))); }

std::string rounded(double value) { return format_number(std::round(value * 1e4) / 1e4); }

/// The fewest seeds whose smallest p-value is at most 0.05 after the correction.
std::size_t seeds_needed(std::size_t comparisons) {
  constexpr double kLevel = 0.05;
  std::size_t seeds = 1;
  while (static_cast<double>(comparisons) * smallest_p(seeds) > kLevel) ++seeds;
  return seeds;
}

}  // namespace

std::string what_seeds_can_show(std::size_t seeds, std::size_t comparisons) {
  if (comparisons == 0) return "one cell: there is nothing to compare it with";
  if (seeds < 2)
    return cat("one seed: no test over seeds can be made; ", seeds_needed(comparisons),
               " seeds could reach p = 0.05 in an exact signed-rank test",
               comparisons > 1 ? cat(" after Holm's correction over ", comparisons, " comparisons") : "");
  const double alone = smallest_p(seeds);
  const double corrected = std::min(1.0, static_cast<double>(comparisons) * alone);
  std::string text =
      cat(seeds, " seeds: an exact two-sided signed-rank test over seeds cannot go below p = ", rounded(alone));
  if (comparisons > 1)
    text += cat(", nor below ", rounded(corrected), " after Holm's correction over ", comparisons, " comparisons");
  const std::size_t needed = seeds_needed(comparisons);
  return needed > seeds ? cat(text, "; p = 0.05 takes ", needed, " seeds") : text;
}

}  // namespace hiddenkey
