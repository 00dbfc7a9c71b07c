#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/text.h"
#include "model/families/shared.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::json;

/// theta^(-2i/K) for the K/2 pairs of a head (Su et al., 2021).
std::vector<double> rotary_frequencies(double theta, int64_t head_size) {
  std::vector<double> frequencies;
  for (int64_t i = 0; i < head_size; i += 2)
    frequencies.push_back(std::pow(theta, -static_cast<double>(i) / static_cast<double>(head_size)));
  return frequencies;
}

/// The context that the model was trained with before it was stretched. Transformers lets the field outside of the
/// object win, and takes max_position_embeddings where neither is there.
double original_context(const Architecture& a, const ConfigFields& fields, const ConfigFields& scaling) {
  const char* name = "original_max_position_embeddings";
  const int64_t inside = scaling.count(name, a.max_positions);
  return static_cast<double>(fields.count(name, inside));
}

/// LLaMA 3.1's stretching: waves longer than the original context are slowed by `factor`, short ones stay, and what
/// lies between goes over smoothly.
void stretch_llama3(std::vector<double>& frequencies, const ConfigFields& scaling, double context) {
  const double factor = scaling.positive("factor", 0), low = scaling.positive("low_freq_factor", 0);
  const double high = scaling.positive("high_freq_factor", 0);
  if (factor == 0 || low == 0 || high <= low)
    scaling.fail("factor", "llama3 needs factor, low_freq_factor and a larger high_freq_factor");
  for (double& frequency : frequencies) {
    const double turns = context * frequency / (2 * std::numbers::pi);
    const double smooth = std::clamp((turns - low) / (high - low), 0.0, 1.0);
    frequency *= (1 - smooth) / factor + smooth;
  }
}

void stretch(std::vector<double>& frequencies, const Architecture& a, const ConfigFields& fields,
             const ConfigFields& scaling) {
  const std::string type = scaling.text("rope_type", scaling.text("type", "default"));
  const double context = original_context(a, fields, scaling);
  // Dynamic stretching begins behind max_position_embeddings, and no text here is longer.
  if (type == "linear" || type == "dynamic") {
    const double factor = scaling.positive("factor", 0);
    if (factor == 0) scaling.fail("factor", "is missing");
    for (double& frequency : frequencies) frequency /= type == "linear" ? factor : 1;
  } else if (type == "llama3") {
    stretch_llama3(frequencies, scaling, context);
  } else if (type != "default") {
    scaling.fail("rope_type", cat("\"", type, "\" is not supported, only default, linear, dynamic, llama3"));
  }
}

void refuse_unknown(const ConfigFields& scaling) {
  // Numbers of the other kinds of stretching, which the kinds above do not read.
  static constexpr const char* kOthers[] = {"type",      "factor",         "low_freq_factor",  "high_freq_factor",
                                            "beta_fast", "beta_slow",      "attention_factor", "mscale",
                                            "truncate",  "mscale_all_dim", "short_factor",     "long_factor"};
  scaling.change_nothing(kOthers);
  scaling.require("partial_rotary_factor", 1.0);
  for (const std::string& name : scaling.unknown()) scaling.fail(name, "is not known, and may change the positions");
}

}  // namespace

std::vector<double> read_frequencies(const Architecture& a, const ConfigFields& fields, const ConfigFields& scaling,
                                     double theta) {
  std::vector<double> frequencies = rotary_frequencies(scaling.positive("rope_theta", theta), a.head_size);
  stretch(frequencies, a, fields, scaling);
  refuse_unknown(scaling);
  return frequencies;
}

std::vector<double> read_rotary(const Architecture& a, const ConfigFields& fields) {
  // Transformers takes rope_scaling where both are there, unless it is empty.
  const auto holds_something = [&](const char* name) { return fields.given(name) && !fields.json()[name].empty(); };
  const bool older = holds_something("rope_scaling"), newer = holds_something("rope_parameters");
  const char* name = older ? "rope_scaling" : "rope_parameters";
  const Json none = Json::object();
  const Json& json = older || newer ? fields.json()[name] : none;
  if (!json.is_object()) fields.fail(name, cat("expected an object, found ", json.dump()));
  const ConfigFields scaling(json, cat(fields.source(), ": ", name));
  return read_frequencies(a, fields, scaling, fields.positive("rope_theta", 10000));
}

}  // namespace hiddenkey
