#include <algorithm>
#include <cctype>

#include "settings/config_values.h"

namespace hiddenkey {

namespace {

/// `query,value`: no regex that could match a module.
bool is_list_of_names(const std::string& text) {
  constexpr std::string_view kOfNames = "_.-, ";
  return text.find(',') != std::string::npos && std::all_of(text.begin(), text.end(), [&](unsigned char c) {
           return std::isalnum(c) != 0 || kOfNames.find(static_cast<char>(c)) != std::string_view::npos;
         });
}

/// From the command line they are taken for the list that they are; in a file it is written as one.
void read_names(const Value& value, const Field& field, const std::string& key, TargetModules& target,
                Problems& problems) {
  if (value.where.layer != kCommandLine) return expected_list(value, key, "a list of names, or a regex", problems);
  Codec<TargetModules>::read(split_at_commas(value), field, key, target, problems);
}

}  // namespace

void Codec<TargetModules>::read(const Value& value, const Field& field, const std::string& key, TargetModules& target,
                                Problems& problems) {
  if (value.is_scalar()) {
    if (value.text.empty()) return expected(value, key, "names or a regex", problems);
    if (is_list_of_names(value.text)) return read_names(value, field, key, target, problems);
    target.names.clear();
    target.regex.reset();
    if (value.text != "auto") target.regex = value.text;
    return;
  }
  const std::size_t before = problems.size();
  Codec<std::vector<std::string>>::read(value, field, key, target.names, problems);
  target.regex.reset();
  if (problems.size() == before && target.names.empty()) problems.push_back({value.where, key, "the list is empty"});
}

OrderedJson Codec<TargetModules>::to_json(const TargetModules& value) {
  if (value.regex) return *value.regex;
  if (value.names.empty()) return "auto";
  return value.names;
}

OrderedJson Codec<TargetModules>::schema(const Field&) {
  return {{"anyOf", OrderedJson::array({{{"type", "string"}}, {{"type", "array"}, {"items", {{"type", "string"}}}}})}};
}

void Codec<LayerChoice>::read(const Value& value, const Field&, const std::string& key, LayerChoice& target,
                              Problems& problems) {
  if (value.is_scalar()) {
    target.text = value.text;
    return;
  }
  if (value.kind != Value::Kind::kList)
    return expected(value, key, "auto, all, latter_half, or a list such as [0-5, 8]", problems);
  std::vector<std::string> parts;
  for (const Value& item : value.items) {
    if (!item.is_scalar()) return expected(item, key, "a layer or a range of layers", problems);
    parts.push_back(item.text);
  }
  if (parts.empty()) return problems.push_back({value.where, key, "the list is empty"});
  target.text = join(parts, ",");
}

OrderedJson Codec<LayerChoice>::to_json(const LayerChoice& value) {
  if (value.text.find_first_of("0123456789") == std::string::npos) return value.text;
  return split(value.text, ',');
}

OrderedJson Codec<LayerChoice>::schema(const Field&) {
  const OrderedJson item = {{"type", OrderedJson::array({"integer", "string"})}};
  return {{"anyOf", OrderedJson::array({{{"type", "string"}}, {{"type", "array"}, {"items", item}}})}};
}

using NamedWeights = Codec<std::vector<std::pair<std::string, double>>>;

void Codec<ClassWeights>::read(const Value& value, const Field&, const std::string& key, ClassWeights& target,
                               Problems& problems) {
  if (value.is_scalar() && value.text == "auto") {
    target = {true, {}};
    return;
  }
  if (value.kind != Value::Kind::kMap || value.entries.empty())
    return expected(value, key, "auto, or a section with a weight for each label", problems);
  const Field bounds{.name = "", .help = "", .limits = at_least(0)};
  target = {};
  NamedWeights::read(value, bounds, key, target.named, problems);
}

OrderedJson Codec<ClassWeights>::to_json(const ClassWeights& value) {
  return value.balanced ? OrderedJson("auto") : NamedWeights::to_json(value.named);
}

OrderedJson Codec<ClassWeights>::schema(const Field&) {
  const OrderedJson weight = {{"type", "number"}, {"minimum", 0}};
  const OrderedJson named = {{"type", "object"}, {"minProperties", 1}, {"additionalProperties", weight}};
  return {{"anyOf", OrderedJson::array({{{"enum", OrderedJson::array({"auto"})}}, named})}};
}

void Codec<Interval>::read(const Value& value, const Field&, const std::string& key, Interval& target,
                           Problems& problems) {
  if (value.is_scalar() && value.text == "epoch") {
    target = {Interval::Kind::kEpoch, 0};
  } else if (value.is_scalar() && value.text == "never") {
    target = {Interval::Kind::kNever, 0};
  } else {
    Problems found;
    int64_t steps = 0;
    const Field bounds{.name = "", .help = "", .limits = at_least(1)};
    Codec<int64_t>::read(value, bounds, key, steps, found);
    if (!found.empty()) return expected(value, key, "epoch, never, or a number of steps from 1", problems);
    target = {Interval::Kind::kSteps, steps};
  }
}

OrderedJson Codec<Interval>::to_json(const Interval& value) {
  if (value.kind == Interval::Kind::kSteps) return value.steps;
  return value.kind == Interval::Kind::kEpoch ? "epoch" : "never";
}

void Codec<EpochInterval>::read(const Value& value, const Field&, const std::string& key, EpochInterval& target,
                                Problems& problems) {
  if (value.is_scalar() && value.text == "end") {
    target = {EpochInterval::Kind::kEnd, 0};
  } else if (value.is_scalar() && value.text == "never") {
    target = {EpochInterval::Kind::kNever, 0};
  } else {
    Problems found;
    int64_t epochs = 0;
    const Field bounds{.name = "", .help = "", .limits = at_least(1)};
    Codec<int64_t>::read(value, bounds, key, epochs, found);
    if (!found.empty()) return expected(value, key, "end, never, or a number of epochs from 1", problems);
    target = {EpochInterval::Kind::kEpochs, epochs};
  }
}

OrderedJson Codec<EpochInterval>::to_json(const EpochInterval& value) {
  if (value.kind == EpochInterval::Kind::kEpochs) return value.epochs;
  return value.kind == EpochInterval::Kind::kEnd ? "end" : "never";
}

OrderedJson Codec<EpochInterval>::schema(const Field&) {
  return {{"anyOf", OrderedJson::array(
                        {{{"enum", OrderedJson::array({"end", "never"})}}, {{"type", "integer"}, {"minimum", 1}}})}};
}

OrderedJson Codec<Interval>::schema(const Field&) {
  return {{"anyOf", OrderedJson::array(
                        {{{"enum", OrderedJson::array({"epoch", "never"})}}, {{"type", "integer"}, {"minimum", 1}}})}};
}

}  // namespace hiddenkey
