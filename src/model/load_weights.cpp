#include "model/load_weights.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>
#include <set>

#include "core/error.h"
#include "core/text.h"
#include "dropout/draw.h"
#include "model/families/family.h"
#include "model/parameters.h"

namespace hiddenkey {
namespace {

/// Older checkpoints call a norm's weight and bias gamma and beta.
std::string modern(const std::string& name) {
  for (const auto& [old, now] : {std::pair<std::string, std::string>{".gamma", ".weight"}, {".beta", ".bias"}}) {
    if (name.ends_with(old)) return name.substr(0, name.size() - old.size()) + now;
  }
  return name;
}

/// Heads of other tasks and buffers, which a base checkpoint may hold and nobody here needs.
bool is_of_no_use(const std::string& name, const WeightNames& names) {
  static constexpr std::array kBeginnings = {"cls.",       "lm_head.", "qa_outputs.",
                                             "classifier", "score.",   "discriminator_predictions."};
  const std::span<const char* const> own = names.family().other_heads;
  const auto begins = [&](const char* start) { return name.starts_with(start); };
  const bool other_head =
      std::any_of(kBeginnings.begin(), kBeginnings.end(), begins) || std::any_of(own.begin(), own.end(), begins);
  const bool unused_pooler = name.starts_with(names.prefix() + "pooler.");
  static constexpr std::array kBuffers = {"embeddings.position_ids", "embeddings.token_type_ids", ".attn.bias",
                                          ".attn.masked_bias", ".rotary_emb.inv_freq"};
  const bool buffer =
      std::any_of(kBuffers.begin(), kBuffers.end(), [&](const char* end) { return name.ends_with(end); });
  return other_head || unused_pooler || buffer;
}

constexpr const char* kHead = "lm_head.weight";
constexpr const char* kTokens = "embeddings.token.weight";

/// The most that a message names.
constexpr std::size_t kNamedWeights = 8;

/// normal(0, deviation) by Box and Muller's transform of addressed uniform numbers.
at::Tensor normal(uint64_t seed, int64_t number, at::IntArrayRef shape, double deviation) {
  const Draw draw{seed, -1, 0, 0};
  const at::Tensor radius = draw_uniform(mask_key(draw, number, 0), shape, at::kCPU).to(at::kDouble);
  const at::Tensor angle = draw_uniform(mask_key(draw, number, 1), shape, at::kCPU).to(at::kDouble);
  const at::Tensor length = (radius.neg() + 1).log().mul(-2).sqrt();
  return (length * (angle * (2 * std::numbers::pi)).cos() * deviation).to(at::kFloat);
}

/// The same without what lies beyond `cutoff` deviations: the inverse of the distribution at uniform numbers.
at::Tensor cut_normal(uint64_t seed, int64_t number, at::IntArrayRef shape, double deviation, double cutoff) {
  const at::Tensor uniform = draw_uniform(mask_key(Draw{seed, -1, 0, 0}, number, 0), shape, at::kCPU).to(at::kDouble);
  const double most = std::erf(cutoff / std::numbers::sqrt2);
  return (((uniform * 2 - 1) * most).erfinv() * (std::numbers::sqrt2 * deviation)).to(at::kFloat);
}

class Loader {
 public:
  Loader(const WeightSource& checkpoint, const Architecture& architecture, int64_t num_outputs, at::Device device)
      : checkpoint_(checkpoint),
        architecture_(architecture),
        num_outputs_(num_outputs),
        device_(device),
        names_(architecture) {
    std::vector<std::string> unexpected;
    const std::vector<std::string> held = checkpoint.names();
    const bool prefixed = std::any_of(held.begin(), held.end(),
                                      [&](const std::string& name) { return name.starts_with(names_.prefix()); });
    for (const std::string& name : held) {
      const std::string plain = modern(name);
      std::optional<std::string> ours = names_.ours(plain);
      if (!ours && !prefixed) ours = names_.ours(names_.prefix() + plain);
      if (ours) {
        source_[*ours] = name;
      } else if (is_bias_of_head(plain) ||
                 (!is_of_no_use(plain, names_) && !is_of_no_use(names_.prefix() + plain, names_))) {
        unexpected.push_back(name);
      }
    }
    // A tied model may be saved with its head's name alone.
    const bool tied = architecture.causal && architecture.tied_head;
    if (tied && !source_.contains(kTokens) && std::find(held.begin(), held.end(), kHead) != held.end())
      source_[kTokens] = kHead;
    if (!unexpected.empty())
      fail(cat("weights that the config has no place for: ", join_first(unexpected, kNamedWeights)));
  }

  LoadedWeights load(at::ScalarType type, uint64_t seed) {
    // Nothing is made before all shapes are right: a wrong size may be any number.
    check_shapes();
    LoadedWeights loaded;
    int64_t number = 0;
    for (const WeightNames::Module& module : names_.modules()) {
      ++number;
      const bool head = is_head(module);
      const at::ScalarType own_type = head && type != at::kDouble ? at::kFloat : type;
      if (head && !fits(module)) {
        loaded.initialised.push_back(module.theirs);
        initialise(module, seed, number, own_type, loaded.weights);
        continue;
      }
      for (const char* suffix : suffixes(module)) {
        const std::string ours = module.ours + suffix;
        const at::Tensor tensor = read(source_.at(ours), own_type);
        loaded.weights[ours] = (module.transposed && tensor.dim() == 2 ? tensor.t().contiguous() : tensor).to(device_);
      }
    }
    return loaded;
  }

 private:
  static bool is_head(const WeightNames::Module& module) { return is_in_head(module.own->place); }

  void check_shapes() const {
    std::vector<std::string> missing, misshapen;
    for (const WeightNames::Module& module : names_.modules()) {
      if (is_head(module)) continue;
      for (const char* suffix : suffixes(module)) {
        const std::string ours = module.ours + suffix;
        const auto source = source_.find(ours);
        if (source == source_.end()) {
          missing.push_back(module.theirs + suffix);
        } else if (const std::vector<int64_t> shape = held_shape(module, ours);
                   checkpoint_.shape(source->second) != shape) {
          misshapen.push_back(cat(source->second, " is ", at::IntArrayRef(checkpoint_.shape(source->second)),
                                  ", the config says ", at::IntArrayRef(shape)));
        }
      }
    }
    if (!missing.empty()) fail(cat("weights are missing: ", join_first(missing, kNamedWeights)));
    if (!misshapen.empty()) fail(join_first(misshapen, kNamedWeights));
  }

  /// No language model here has one.
  bool is_bias_of_head(const std::string& name) const {
    return architecture_.head == HeadUse::kLanguage && name == "lm_head.bias";
  }

  static std::vector<const char*> suffixes(const WeightNames::Module& module) {
    if (!module.bias) return {".weight"};
    return {".weight", ".bias"};
  }

  std::vector<int64_t> shape_of(const std::string& ours) const {
    return expected_shape(architecture_, ours, num_outputs_);
  }

  /// As the checkpoint has it.
  std::vector<int64_t> held_shape(const WeightNames::Module& module, const std::string& ours) const {
    std::vector<int64_t> shape = shape_of(ours);
    if (module.transposed) std::reverse(shape.begin(), shape.end());
    return shape;
  }

  bool fits(const WeightNames::Module& module) const {
    for (const char* suffix : suffixes(module)) {
      const auto source = source_.find(module.ours + suffix);
      if (source == source_.end() || checkpoint_.shape(source->second) != shape_of(module.ours + suffix)) return false;
    }
    return true;
  }

  void initialise(const WeightNames::Module& module, uint64_t seed, int64_t number, at::ScalarType type,
                  std::unordered_map<std::string, at::Tensor>& weights) const {
    const std::vector<int64_t> shape = shape_of(module.ours + ".weight");
    weights[module.ours + ".weight"] = module.kind == ModuleKind::kNorm
                                           ? at::ones(shape, at::TensorOptions(device_).dtype(type))
                                           : begin(module, seed, number, shape).to(device_, type);
    if (module.bias)
      weights[module.ours + ".bias"] =
          at::zeros(shape_of(module.ours + ".bias"), at::TensorOptions(device_).dtype(type));
  }

  at::Tensor begin(const WeightNames::Module& module, uint64_t seed, int64_t number, at::IntArrayRef shape) const {
    const Architecture& a = architecture_;
    const double own = module.own->place == ModulePlace::kHeadOutput ? a.output_range : a.dense_range;
    const double deviation = own > 0 ? own : a.initializer_range;
    if (a.initializer_cutoff > 0) return cut_normal(seed, number, shape, deviation, a.initializer_cutoff);
    return normal(seed, number, shape, deviation);
  }

  at::Tensor read(const std::string& name, at::ScalarType type) const {
    const at::Tensor tensor = checkpoint_.read(name);
    if (!at::isFloatingType(tensor.scalar_type())) fail(cat(name, " is no floating point tensor"));
    return tensor.to(type);
  }

  [[noreturn]] void fail(const std::string& reason) const {
    throw ModelError(cat(checkpoint_.path().string(), ": ", reason));
  }

  const WeightSource& checkpoint_;
  const Architecture& architecture_;
  int64_t num_outputs_;
  at::Device device_;
  WeightNames names_;
  std::unordered_map<std::string, std::string> source_;  ///< our name -> the checkpoint's
};

}  // namespace

std::string settle_tied_head(const WeightSource& checkpoint, Architecture& architecture) {
  if (architecture.head != HeadUse::kLanguage || !architecture.tied_head) return "";
  const std::vector<std::string> held = checkpoint.names();
  const WeightNames names(architecture);
  const std::string full = *names.theirs(kTokens), bare = full.substr(names.prefix().size());
  const auto holds = [&](const std::string& name) { return std::find(held.begin(), held.end(), name) != held.end(); };
  const std::string& tokens = holds(full) ? full : bare;
  if (!holds(kHead) || !holds(tokens)) return "";
  if (checkpoint.shape(kHead) == checkpoint.shape(tokens) &&
      at::equal(checkpoint.read(kHead).to(at::kFloat), checkpoint.read(tokens).to(at::kFloat)))
    return "";
  architecture.tied_head = false;
  return cat(checkpoint.path().string(), ": ", kHead, " and ", tokens,
             " differ, though the config says tie_word_embeddings; they are taken as two matrices");
}

at::ScalarType stored_type(const WeightSource& checkpoint) {
  std::map<std::string, int64_t> numbers;
  for (const std::string& name : checkpoint.names())
    numbers[checkpoint.type(name)] += c10::multiply_integers(checkpoint.shape(name));
  const auto most = std::max_element(numbers.begin(), numbers.end(),
                                     [](const auto& one, const auto& other) { return one.second < other.second; });
  if (most == numbers.end()) return at::kFloat;
  if (most->first == "BFloat16" || most->first == "BF16") return at::kBFloat16;
  return most->first == "Half" || most->first == "F16" ? at::kHalf : at::kFloat;
}

LoadedWeights load_weights(const WeightSource& checkpoint, const Architecture& architecture, int64_t num_outputs,
                           at::ScalarType type, uint64_t seed, at::Device device) {
  return Loader(checkpoint, architecture, num_outputs, device).load(type, seed);
}

}  // namespace hiddenkey
