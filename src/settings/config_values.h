#pragma once

#include <array>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/codec.h"
#include "config/fields.h"
#include "data/task.h"
#include "settings/run_config.h"

// What the values of the config's keys are called, and how those are read that are no plain number or text.

namespace hiddenkey {

template <>
struct EnumNames<Method> {
  static constexpr std::pair<const char*, Method> kNames[] = {{"lora", Method::kLora}, {"full", Method::kFull}};
};
template <>
struct EnumNames<BaseType> {
  static constexpr std::pair<const char*, BaseType> kNames[] = {
      {"auto", BaseType::kAuto}, {"float32", BaseType::kFloat32}, {"bfloat16", BaseType::kBFloat16}};
};
template <>
struct EnumNames<MatmulPrecision> {
  static constexpr std::pair<const char*, MatmulPrecision> kNames[] = {{"float32", MatmulPrecision::kFloat32},
                                                                       {"tf32", MatmulPrecision::kTf32}};
};
template <>
struct EnumNames<ScheduleKind> {
  static constexpr std::pair<const char*, ScheduleKind> kNames[] = {
      {"linear", ScheduleKind::kLinear}, {"cosine", ScheduleKind::kCosine}, {"constant", ScheduleKind::kConstant}};
};
template <>
struct EnumNames<Pattern> {
  static constexpr std::pair<const char*, Pattern> kNames[] = {
      {"element", Pattern::kElement}, {"column", Pattern::kColumn}, {"span", Pattern::kSpan}};
};
template <>
struct EnumNames<HiddenSite> {
  static constexpr std::pair<const char*, HiddenSite> kNames[] = {{"activation", HiddenSite::kActivation},
                                                                  {"ffn_output", HiddenSite::kFfnOutput}};
};
template <>
struct EnumNames<Scheme> {
  static constexpr auto kNames = [] {
    std::array<std::pair<const char*, Scheme>, std::size(kSchemeRows)> names = {};
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = {kSchemeRows[i].name, kSchemeRows[i].scheme};
    return names;
  }();
};
template <>
struct EnumNames<ConsistencyLoss> {
  static constexpr std::pair<const char*, ConsistencyLoss> kNames[] = {
      {"none", ConsistencyLoss::kNone}, {"kl", ConsistencyLoss::kKl}, {"js", ConsistencyLoss::kJs}};
};
template <>
struct EnumNames<ConsistencyBackward> {
  static constexpr std::pair<const char*, ConsistencyBackward> kNames[] = {{"one", ConsistencyBackward::kOne},
                                                                           {"both", ConsistencyBackward::kBoth}};
};
template <>
struct EnumNames<ConsistencyPasses> {
  static constexpr std::pair<const char*, ConsistencyPasses> kNames[] = {
      {"auto", ConsistencyPasses::kAuto},
      {"batched", ConsistencyPasses::kBatched},
      {"sequential", ConsistencyPasses::kSequential}};
};

/// lora.target_modules: a list of names, one text that is a regex, or auto, which is an empty list.
struct TargetModules {
  std::vector<std::string>& names;
  std::optional<std::string>& regex;
};
template <>
struct Codec<TargetModules> {
  static void read(const Value& value, const Field& field, const std::string& key, TargetModules& target,
                   Problems& problems);
  static OrderedJson to_json(const TargetModules& value);
  static OrderedJson schema(const Field& field);
};

/// auto, or a section with a weight for each label.
template <>
struct Codec<ClassWeights> {
  static void read(const Value& value, const Field& field, const std::string& key, ClassWeights& target,
                   Problems& problems);
  static OrderedJson to_json(const ClassWeights& value);
  static OrderedJson schema(const Field& field);
};

/// What evaluation.metric can be, of some task.
inline std::vector<std::string> metric_choices() {
  std::vector<std::string> names = known_metrics();
  names.insert(names.begin(), "auto");
  return names;
}

/// dropout.layers: auto, all, latter_half, or a list of layers and ranges; kept as one text.
struct LayerChoice {
  std::string& text;
};
template <>
struct Codec<LayerChoice> {
  static void read(const Value& value, const Field& field, const std::string& key, LayerChoice& target,
                   Problems& problems);
  static OrderedJson to_json(const LayerChoice& value);
  static OrderedJson schema(const Field& field);
};

template <>
struct Codec<Interval> {
  static void read(const Value& value, const Field& field, const std::string& key, Interval& target,
                   Problems& problems);
  static OrderedJson to_json(const Interval& value);
  static OrderedJson schema(const Field& field);
};

template <>
struct Codec<EpochInterval> {
  static void read(const Value& value, const Field& field, const std::string& key, EpochInterval& target,
                   Problems& problems);
  static OrderedJson to_json(const EpochInterval& value);
  static OrderedJson schema(const Field& field);
};

}  // namespace hiddenkey
