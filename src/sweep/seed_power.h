#pragma once

#include <cstddef>
#include <string>

namespace hiddenkey {

/// What a number of seeds can show at all: the smallest p-value that an exact two-sided signed-rank test can give (all
/// differences have one sign: 2 of the 2^n patterns), alone and after Holm's correction over so many comparisons.
std::string what_seeds_can_show(std::size_t seeds, std::size_t comparisons);

}  // namespace hiddenkey
