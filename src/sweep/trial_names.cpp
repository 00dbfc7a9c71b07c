#include "sweep/trial_names.h"

#include <cctype>
#include <string_view>

#include "core/file.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

constexpr std::size_t kLongest = 120;

bool is_plain(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("=,.+_-").find(c) != std::string::npos;
}

/// A name that no shell and no file system takes for anything else; `faithful` says whether the label can be read off
/// it.
std::string plain_name(const std::string& label, bool& faithful) {
  std::string name;
  for (std::size_t i = 0; i < label.size(); ++i) {
    if (label[i] == ' ' && i > 0 && label[i - 1] == ',') continue;
    const bool kept = is_plain(label[i]) && !(i == 0 && std::string_view(".-").find(label[i]) != std::string::npos);
    faithful = faithful && (kept || label[i] == ' ');
    name += kept ? label[i] : '-';
  }
  if (!name.empty() && name.front() == '-') name.front() = '_';
  faithful = faithful && !name.empty() && name.size() <= kLongest;
  return name.substr(0, kLongest);
}

}  // namespace

std::string TrialNames::name_of(const std::string& cell, int64_t seed, int64_t fold) {
  bool faithful = true;
  const std::string plain = plain_name(cell, faithful);
  const std::string marked = cat(plain, '-', sha256_of_bytes(cell).substr(0, 8));
  const std::string end = cat(",seed=", seed, fold > 0 ? cat(",fold=", fold) : "");
  std::string name = (faithful ? plain : marked) + end;
  if (!taken_.insert(name).second) name = marked + end;
  taken_.insert(name);
  return name;
}

}  // namespace hiddenkey
