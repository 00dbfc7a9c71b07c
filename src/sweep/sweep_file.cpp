#include "sweep/sweep_file.h"

#include <algorithm>
#include <map>
#include <set>

#include "config/visitors.h"
#include "core/text.h"
#include "sweep/sweep_codecs.h"

namespace hiddenkey {
namespace {

/// Where a key belongs that people expect elsewhere.
std::string sweep_key_hint(const std::string& key) {
  if (key == "parameters") return " (did you mean \"random.parameters\"?)";
  return "";
}

class SweepChecker {
 public:
  SweepChecker(const Value& tree, const SweepFile& file, Problems& problems)
      : tree_(tree), file_(file), problems_(problems) {}

  void check() {
    if (tree_.find("base") == nullptr && tree_.find("config") == nullptr)
      fail(tree_.where, "base", "is missing: the config that the trials vary (or its keys under `config`)");
    if (tree_.find("output_dir") == nullptr) fail(tree_.where, "output_dir", "is missing: the folder of the sweep");
    check_seeds();
    check_random();
    check_axes();
    check_names();
    check_exclusions();
    check_halving();
  }

 private:
  void fail(const Place& where, const std::string& key, const std::string& text) {
    problems_.push_back({where, key, text});
  }
  Place place_of(const char* key) const { return find_path(tree_, key)->where; }

  void check_seeds() {
    std::set<int64_t> seen;
    for (const int64_t seed : file_.seeds) {
      if (!seen.insert(seed).second) fail(place_of("seeds"), "seeds", cat(seed, " stands there twice"));
    }
    const Value* given = tree_.find("seeds");
    if (given != nullptr && given->kind == Value::Kind::kList && given->items.empty())
      fail(given->where, "seeds", "the list is empty");
  }

  void check_random() {
    const Value* random = tree_.find("random");
    if (random == nullptr || random->kind != Value::Kind::kMap) return;
    if (random->find("trials") == nullptr) fail(random->where, "random.trials", "is missing: how many to draw");
    if (random->find("parameters") == nullptr)
      fail(random->where, "random.parameters", "is missing: the keys, and what each is drawn from");
    for (const char* other : {"grid", "paired"}) {
      if (const Value* given = tree_.find(other))
        fail(given->where, other, "random draws cells instead of a grid; a sweep has one of both");
    }
  }

  /// Every key is varied in one place.
  void check_axes() {
    for (const VariedKey& varied : varied_keys(file_)) {
      const auto [before, is_new] = section_of_.emplace(varied.key, varied.section);
      if (!is_new) fail(varied.where, varied.key, cat("is an axis of `", before->second, "` already"));
    }
  }

  void check_names() {
    std::set<std::string> seen;
    for (const SettingsOfCell& cell : file_.trials.list) {
      if (!cell.name.empty() && !seen.insert(cell.name).second)
        fail(cell.where, "trials", cat("the name \"", cell.name, "\" stands there twice"));
    }
  }

  void check_exclusions() {
    std::vector<std::string> keys;
    for (const auto& [key, section] : section_of_) keys.push_back(key);
    for (const SettingsOfCell& cell : file_.exclude.list) {
      for (const Setting& setting : cell.settings) {
        if (section_of_.count(setting.key) == 0)
          fail(setting.where, cat("exclude: ", setting.key), cat("is no axis", did_you_mean(setting.key, keys)));
      }
    }
  }

  void check_halving() {
    const Value* halving = tree_.find("halving");
    if (halving == nullptr || halving->kind != Value::Kind::kMap) return;
    const std::vector<double>& rungs = file_.halving.rungs;
    if (halving->find("rungs") == nullptr)
      fail(halving->where, "halving.rungs", "is missing: the shares of the steps at which trials wait");
    if (!std::is_sorted(rungs.begin(), rungs.end(), std::less_equal<>()))
      fail(place_of("halving.rungs"), "halving.rungs", "expected shares that rise");
  }

  const Value& tree_;
  const SweepFile& file_;
  Problems& problems_;
  std::map<std::string, std::string> section_of_;
};

void write_section(const Value& section, std::string& text) {
  for (const Entry& entry : section.entries) {
    Value key;
    key.kind = Value::Kind::kQuoted;
    key.text = entry.key;
    text += cat("  ", to_flow(key), ": ", to_flow(entry.value), '\n');
  }
}

}  // namespace

std::vector<VariedKey> varied_keys(const SweepFile& file) {
  std::vector<VariedKey> keys;
  for (const Axis& axis : file.grid.list) keys.push_back({axis.key, axis.where, "grid"});
  for (const std::vector<Axis>& group : file.paired.groups) {
    for (const Axis& axis : group) keys.push_back({axis.key, axis.where, "paired"});
  }
  for (const Parameter& parameter : file.random.parameters.list)
    keys.push_back({parameter.key, parameter.where, "random.parameters"});
  return keys;
}

SweepFile read_sweep_file(const Value& tree, Problems& problems) {
  SweepFile file;
  read_config(tree, file, problems, sweep_key_hint);
  SweepChecker(tree, file, problems).check();
  return file;
}

std::string to_sweep_yaml(Value tree) {
  if (Value* output = tree.find("output_dir"); output != nullptr && output->is_scalar()) {
    std::error_code error;
    const std::filesystem::path absolute = std::filesystem::absolute(output->text, error);
    if (!error) output->text = absolute.lexically_normal().string();
  }
  std::string text = "# The sweep of this folder, with what the command line said; `hiddenkey sweep run` takes it.\n";
  for (const Entry& entry : tree.entries) {
    const bool lists_sections = entry.value.kind == Value::Kind::kList && !entry.value.items.empty() &&
                                entry.value.items.front().kind == Value::Kind::kMap;
    if (entry.value.kind == Value::Kind::kMap) {
      text += entry.key + ":\n";
      write_section(entry.value, text);
    } else if (lists_sections) {
      text += entry.key + ":\n";
      for (const Value& item : entry.value.items) text += cat("  - ", to_flow(item), '\n');
    } else {
      text += cat(entry.key, ": ", to_flow(entry.value), '\n');
    }
  }
  return text;
}

std::string sweep_schema() {
  OrderedJson schema = {{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", "hiddenkey sweep"}};
  schema.update(config_schema<SweepFile>());
  schema["type"] = "object";
  schema["properties"]["extends"] = {{"type", "string"},
                                     {"description", "a sweep file to build on, relative to the folder of this one"}};
  schema["if"] = {{"required", {"extends"}}};
  schema["else"] = {{"required", {"output_dir"}},
                    {"anyOf", OrderedJson::array({{{"required", {"base"}}}, {{"required", {"config"}}}})}};
  return schema.dump(2);
}

}  // namespace hiddenkey
