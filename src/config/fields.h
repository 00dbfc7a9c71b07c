#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

// A config struct has one function `visit_fields(visitor, config)` that calls visitor(Field{...}, config.member) for
// each member, in the order of the file. Reading, printing, the schema and the list of keys are visitors (see
// visitors.h); so a key is named, described and bounded in one place.

namespace hiddenkey {

/// The numbers that a field (or each element of its list) accepts.
struct Limits {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool min_included = true;
  bool max_included = true;

  bool contain(double value) const;
  std::string describe() const;  ///< "at least 0 and below 1"
};

constexpr Limits at_least(double min) { return {.min = min}; }
constexpr Limits above(double min) { return {.min = min, .min_included = false}; }
constexpr Limits between(double min, double max) { return {.min = min, .max = max}; }
/// [0, 1): a drop rate.
constexpr Limits rate() { return {.min = 0, .max = 1, .max_included = false}; }

/// Text beside the choices that a field takes: a regex that all of it matches, and how a message names it.
struct TextForm {
  const char* regex = nullptr;
  const char* shown = nullptr;
};

/// What other tools call one of the values.
using OtherNames = std::vector<std::pair<const char*, const char*>>;

struct Field {
  const char* name;
  const char* help;
  Limits limits = {};
  std::vector<std::string> choices = {};   ///< of text; empty: any
  std::size_t length = 0;                  ///< of a list; 0: any
  TextForm form = {};                      ///< of text that has choices
  OtherNames elsewhere = {};               ///< for suggestions, in lower case
  bool is_path = false;                    ///< a leading ~ is the home folder
  bool takes_scalars = false;              ///< of text: the schema allows numbers and truth values too
  bool required = false;                   ///< a config without it is not whole
  std::vector<const char*> examples = {};  ///< for the schema, as JSON
};

/// Specialised for each enum with `static constexpr std::pair<const char*, Enum> kNames[]`.
template <class Enum>
struct EnumNames;

template <class Enum>
std::vector<std::string> all_names() {
  std::vector<std::string> names;
  for (const auto& [name, value] : EnumNames<Enum>::kNames) names.emplace_back(name);
  return names;
}

/// The name that a config has for the value.
template <class Enum>
const char* name_of_enum(Enum wanted) {
  for (const auto& [name, value] : EnumNames<Enum>::kNames) {
    if (value == wanted) return name;
  }
  return "";
}

}  // namespace hiddenkey
