#pragma once

#include <cstdint>
#include <set>
#include <string>

namespace hiddenkey {

/// Gives each trial the name of its folder.
class TrialNames {
 public:
  /// "scheme=hiddenkey,logits.rate=0.1,seed=1" for the cell "scheme=hiddenkey, logits.rate=0.1", with ",fold=2" behind
  /// it where the fold is not 0. What is no letter,
  /// digit or one of `= , . + _ -` does not get into the name; where that, or length, makes two cells alike, a part of
  /// the cell's checksum tells them apart.
  std::string name_of(const std::string& cell, int64_t seed, int64_t fold);

 private:
  std::set<std::string> taken_;
};

}  // namespace hiddenkey
