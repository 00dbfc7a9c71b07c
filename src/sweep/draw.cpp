#include "sweep/draw.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "core/split_mix.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

/// FNV-1a, of 64 bits.
uint64_t hash_of(std::string_view text) {
  uint64_t hash = 0xCBF29CE484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return hash;
}

/// In [0, 1), with 53 bits.
double unit(SplitMix& random) { return static_cast<double>(random.next() >> 11) * 0x1p-53; }

double with_four_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3e", value);
  return std::strtod(text, nullptr);
}

}  // namespace

Value draw_value(const Parameter& parameter, int64_t seed, int64_t number) {
  SplitMix of_key(static_cast<uint64_t>(seed) ^ hash_of(parameter.key));
  SplitMix random(of_key.next() ^ SplitMix(static_cast<uint64_t>(number)).next());
  if (parameter.kind == Parameter::Kind::kChoice) return parameter.choices[random.below(parameter.choices.size())];
  const double share = unit(random);
  const double drawn =
      parameter.kind == Parameter::Kind::kUniform
          ? parameter.low + share * (parameter.high - parameter.low)
          : std::exp(std::log(parameter.low) + share * (std::log(parameter.high) - std::log(parameter.low)));
  Value value;
  value.kind = Value::Kind::kPlain;
  value.text = format_number(std::clamp(with_four_digits(drawn), parameter.low, parameter.high));
  value.where = parameter.where;
  return value;
}

}  // namespace hiddenkey
