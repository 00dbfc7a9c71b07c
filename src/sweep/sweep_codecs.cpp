#include "sweep/sweep_codecs.h"

#include <algorithm>
#include <set>

#include "config/visitors.h"
#include "core/text.h"
#include "settings/run_config.h"
#include "sweep/config_keys.h"

namespace hiddenkey {
namespace {

/// Of two keys that move together one may stand still.
enum class Repeats { kRefused, kAllowed };

/// The values of one axis; a fault of one does not hide the others.
bool read_values(const Entry& entry, Repeats repeats, std::vector<Value>& values, Problems& problems) {
  const Value& list = entry.value;
  const auto fail = [&](const Place& where, const std::string& text) {
    problems.push_back({where, entry.key, text});
    return false;
  };
  if (list.kind != Value::Kind::kList)
    return fail(list.where, cat("expected a list of values, found ", describe(list)));
  if (list.items.empty()) return fail(list.where, "the list of values is empty");
  std::set<std::string> seen;
  bool sound = true;
  for (const Value& item : list.items) {
    if (item.kind == Value::Kind::kMap) {
      sound = fail(item.where, "expected a value, found a section");
    } else if (!seen.insert(canonical(item)).second && repeats == Repeats::kRefused) {
      sound = fail(item.where, cat(describe(item), " stands there twice"));
    }
  }
  values = list.items;
  return sound;
}

std::vector<Axis> read_axes(const Value& section, Repeats repeats, Problems& problems) {
  std::vector<Axis> axes;
  for (const Entry& entry : section.entries) {
    if (!check_sweepable(entry, problems)) continue;
    Axis axis{entry.key, entry.where, {}};
    if (read_values(entry, repeats, axis.values, problems)) axes.push_back(std::move(axis));
  }
  return axes;
}

/// Calls `read` for each section of a list of sections.
template <class Read>
void for_each_section(const Value& list, const std::string& key, Problems& problems, const Read& read) {
  if (list.kind == Value::Kind::kNull) return;
  if (list.kind != Value::Kind::kList) return expected(list, key, "a list of sections", problems);
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    const Value& item = list.items[i];
    const std::string where = cat(key, '[', i, ']');
    if (item.kind == Value::Kind::kMap && !item.entries.empty()) {
      read(item, where);
    } else {
      expected(item, where, "a section with keys of a config", problems);
    }
  }
}

SettingsOfCell read_settings(const Value& section, const char* name_key, const std::string& key, Problems& problems) {
  SettingsOfCell cell;
  cell.where = section.where;
  for (const Entry& entry : section.entries) {
    if (name_key != nullptr && entry.key == name_key) {
      if (!entry.value.is_scalar() || entry.value.text.empty())
        expected(entry.value, cat(key, ".name"), "a name", problems);
      cell.name = entry.value.text;
    } else if (check_sweepable(entry, problems)) {
      if (entry.value.kind == Value::Kind::kMap) {
        expected(entry.value, entry.key, "a value", problems);
      } else {
        cell.settings.push_back({entry.key, entry.where, entry.value});
      }
    }
  }
  return cell;
}

bool read_bounds(const Value& value, const std::string& key, Parameter& parameter, Problems& problems) {
  std::vector<double> bounds;
  const std::size_t before = problems.size();
  Codec<std::vector<double>>::read(value, Field{.name = "", .help = "", .length = 2}, key, bounds, problems);
  if (problems.size() != before) return false;
  parameter.low = bounds[0];
  parameter.high = bounds[1];
  if (!(parameter.low < parameter.high))
    problems.push_back({value.where, key, "expected the lower bound first, and another one above it"});
  if (parameter.kind == Parameter::Kind::kLogUniform && parameter.low <= 0)
    problems.push_back({value.where, key, "log_uniform draws above 0 only"});
  return problems.size() == before;
}

void read_parameter(const Entry& entry, std::vector<Parameter>& list, Problems& problems) {
  static const std::vector<std::string> kKinds = {"uniform", "log_uniform", "choice"};
  if (!check_sweepable(entry, problems)) return;
  Parameter parameter{entry.key, entry.where, Parameter::Kind::kChoice, 0, 0, {}};
  if (entry.value.kind != Value::Kind::kMap || entry.value.entries.size() != 1)
    return expected(entry.value, entry.key,
                    "one of {uniform: [LOW, HIGH]}, {log_uniform: [LOW, HIGH]}, {choice: [...]}", problems);
  const Entry& kind = entry.value.entries.front();
  if (kind.key == "choice") {
    if (!read_values({entry.key, entry.where, kind.value}, Repeats::kRefused, parameter.choices, problems)) return;
  } else if (kind.key == "uniform" || kind.key == "log_uniform") {
    parameter.kind = kind.key == "uniform" ? Parameter::Kind::kUniform : Parameter::Kind::kLogUniform;
    if (!read_bounds(kind.value, entry.key, parameter, problems)) return;
  } else {
    problems.push_back({kind.where, entry.key,
                        cat('"', kind.key, "\" is none of ", join(kKinds, ", "), did_you_mean(kind.key, kKinds))});
    return;
  }
  list.push_back(std::move(parameter));
}

OrderedJson list_of(OrderedJson schema) { return {{"type", "array"}, {"minItems", 1}, {"items", std::move(schema)}}; }

OrderedJson as_it_is(OrderedJson schema) { return schema; }

OrderedJson drawn_from(OrderedJson schema) {
  const OrderedJson bounds = {{"type", "array"}, {"items", {{"type", "number"}}}, {"minItems", 2}, {"maxItems", 2}};
  return {{"type", "object"},
          {"properties", {{"uniform", bounds}, {"log_uniform", bounds}, {"choice", list_of(std::move(schema))}}},
          {"additionalProperties", false},
          {"minProperties", 1},
          {"maxProperties", 1}};
}

OrderedJson closed(OrderedJson properties) {
  return {{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
}

}  // namespace

template <>
void SweepCodec<Axes>::read(const Value& value, const Field&, const std::string& key, Axes& target,
                            Problems& problems) {
  if (value.kind == Value::Kind::kNull) return;
  if (value.kind != Value::Kind::kMap) return expected(value, key, "a section of config keys with lists", problems);
  if (value.entries.empty()) problems.push_back({value.where, key, "has no axis"});
  target.list = read_axes(value, Repeats::kRefused, problems);
}
template <>
OrderedJson SweepCodec<Axes>::to_json(const Axes&) {
  return OrderedJson::object();
}
template <>
OrderedJson SweepCodec<Axes>::schema(const Field&) {
  return closed(sweepable_properties(list_of));
}

template <>
void SweepCodec<PairedAxes>::read(const Value& value, const Field&, const std::string& key, PairedAxes& target,
                                  Problems& problems) {
  for_each_section(value, key, problems, [&](const Value& section, const std::string& where) {
    std::vector<Axis> group = read_axes(section, Repeats::kAllowed, problems);
    if (group.size() != section.entries.size()) return;
    const auto differs = std::find_if(group.begin(), group.end(), [&](const Axis& axis) {
      return axis.values.size() != group.front().values.size();
    });
    if (differs != group.end()) {
      problems.push_back({differs->where, where,
                          cat(differs->key, " has ", differs->values.size(), " values and ", group.front().key, " has ",
                              group.front().values.size(), "; keys that move together have as many each")});
      return;
    }
    target.groups.push_back(std::move(group));
  });
}
template <>
OrderedJson SweepCodec<PairedAxes>::to_json(const PairedAxes&) {
  return OrderedJson::array();
}
template <>
OrderedJson SweepCodec<PairedAxes>::schema(const Field&) {
  return {{"type", "array"}, {"items", closed(sweepable_properties(list_of))}};
}

template <>
void SweepCodec<NamedCells>::read(const Value& value, const Field&, const std::string& key, NamedCells& target,
                                  Problems& problems) {
  for_each_section(value, key, problems, [&](const Value& section, const std::string& where) {
    target.list.push_back(read_settings(section, "name", where, problems));
  });
}
template <>
OrderedJson SweepCodec<NamedCells>::to_json(const NamedCells&) {
  return OrderedJson::array();
}
template <>
OrderedJson SweepCodec<NamedCells>::schema(const Field&) {
  OrderedJson properties = {{"name", {{"type", "string"}, {"description", "what tables call the cell"}}}};
  properties.update(sweepable_properties(as_it_is));
  return {{"type", "array"}, {"items", closed(std::move(properties))}};
}

template <>
void SweepCodec<Exclusions>::read(const Value& value, const Field&, const std::string& key, Exclusions& target,
                                  Problems& problems) {
  for_each_section(value, key, problems, [&](const Value& section, const std::string& where) {
    target.list.push_back(read_settings(section, nullptr, where, problems));
  });
}
template <>
OrderedJson SweepCodec<Exclusions>::to_json(const Exclusions&) {
  return OrderedJson::array();
}
template <>
OrderedJson SweepCodec<Exclusions>::schema(const Field&) {
  return {{"type", "array"}, {"items", closed(sweepable_properties(as_it_is))}};
}

template <>
void SweepCodec<Parameters>::read(const Value& value, const Field&, const std::string& key, Parameters& target,
                                  Problems& problems) {
  if (value.kind != Value::Kind::kMap || value.entries.empty())
    return expected(value, key, "a section of config keys and what they are drawn from", problems);
  for (const Entry& entry : value.entries) read_parameter(entry, target.list, problems);
}
template <>
OrderedJson SweepCodec<Parameters>::to_json(const Parameters&) {
  return OrderedJson::object();
}
template <>
OrderedJson SweepCodec<Parameters>::schema(const Field&) {
  return closed(sweepable_properties(drawn_from));
}

template <>
void SweepCodec<InlineConfig>::read(const Value& value, const Field&, const std::string& key, InlineConfig& target,
                                    Problems& problems) {
  if (value.kind == Value::Kind::kNull) return;
  if (value.kind != Value::Kind::kMap) return expected(value, key, "a section of keys of a config", problems);
  if (const Value* output = value.find("output_dir"))
    problems.push_back({output->where, key + ".output_dir", "a trial's folder lies below the sweep's own output_dir"});
  target.tree = value;
}
template <>
OrderedJson SweepCodec<InlineConfig>::to_json(const InlineConfig&) {
  return OrderedJson::object();
}
template <>
OrderedJson SweepCodec<InlineConfig>::schema(const Field&) {
  OrderedJson schema = OrderedJson::parse(run_config_schema());
  for (const char* key : {"$schema", "title", "if", "else"}) schema.erase(key);
  schema["properties"].erase("extends");
  schema["properties"].erase("output_dir");
  return schema;
}

}  // namespace hiddenkey
