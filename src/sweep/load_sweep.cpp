#include <algorithm>

#include "config/load.h"
#include "config/parse.h"
#include "core/folder.h"
#include "core/home_path.h"
#include "core/text.h"
#include "sweep/config_keys.h"
#include "sweep/sweep_file.h"

namespace hiddenkey {
namespace {

namespace fs = std::filesystem;

/// The sweep's own keys that the command line can set; every other key is a config's.
const std::vector<std::string> kOwnKeys = {"base",    "seeds",      "metric", "compare_to",    "workers",
                                           "retries", "output_dir", "folds",  "random.trials", "random.seed"};

/// `a,b,c` is what YAML has as [a, b, c]; so a value that is a list itself stands in brackets.
std::optional<Entry> parse_config_override(const std::string& text, Problems& problems) {
  const Place where = override_place(text);
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    problems.push_back({where, "", "expected key=value, or key=value,value"});
    return std::nullopt;
  }
  Entry entry{text.substr(0, equals), where, {}};
  if (const std::string hint = did_you_mean(entry.key, kOwnKeys);
      !hint.empty() && entry.key.find('.') == std::string::npos) {
    problems.push_back({where, entry.key, "unknown key" + hint});
    return std::nullopt;
  }
  if (!check_sweepable(entry, problems)) return std::nullopt;
  Problems found;
  std::optional<Value> list = parse_yaml(cat('[', text.substr(equals + 1), ']'), *where.source, found);
  for (const Problem& problem : found) problems.push_back({where, entry.key, problem.text});
  if (!list) return std::nullopt;
  if (list->items.empty()) {
    Value empty;
    empty.kind = Value::Kind::kQuoted;
    list->items.push_back(std::move(empty));
  }
  relocate(*list, where);
  entry.value = std::move(*list);
  return entry;
}

Value& section_of(Value& tree, const std::string& key, const Place& where) {
  if (Value* found = tree.find(key); found != nullptr && found->kind == Value::Kind::kMap) return *found;
  std::erase_if(tree.entries, [&](const Entry& entry) { return entry.key == key; });
  Value section;
  section.kind = Value::Kind::kMap;
  section.where = where;
  tree.entries.push_back({key, where, std::move(section)});
  return tree.entries.back().value;
}

void remove_axis(Value& tree, const std::string& key) {
  Value* grid = tree.find("grid");
  if (grid == nullptr) return;
  std::erase_if(grid->entries, [&](const Entry& entry) { return entry.key == key; });
  if (grid->entries.empty()) std::erase_if(tree.entries, [](const Entry& entry) { return entry.key == "grid"; });
}

/// Whether the key moves in `paired` or `random`, where one override cannot say what is meant.
bool is_bound(const Value& tree, const std::string& key) {
  const Value* drawn = find_path(tree, "random.parameters");
  if (drawn != nullptr && drawn->find(key) != nullptr) return true;
  const Value* paired = tree.find("paired");
  return paired != nullptr && std::any_of(paired->items.begin(), paired->items.end(),
                                          [&](const Value& group) { return group.find(key) != nullptr; });
}

void apply(Value& tree, Entry entry, Problems& problems) {
  if (is_bound(tree, entry.key)) {
    problems.push_back({entry.where, entry.key, "is varied by `paired` or `random` of the file; change it there"});
    return;
  }
  if (entry.value.items.size() == 1) {
    remove_axis(tree, entry.key);
    overlay(section_of(tree, "config", entry.where), {entry.key, entry.where, std::move(entry.value.items.front())});
    return;
  }
  Value& grid = section_of(tree, "grid", entry.where);
  if (Value* axis = grid.find(entry.key)) {
    *axis = std::move(entry.value);
  } else {
    grid.entries.push_back(std::move(entry));
  }
}

bool is_own_key(const std::string& text) {
  const std::string key = text.substr(0, text.find('='));
  return std::find(kOwnKeys.begin(), kOwnKeys.end(), key) != kOwnKeys.end();
}

/// `seeds=1,2` goes into the sweep's folder, whose file has a list as [1, 2].
std::string with_brackets(const std::string& text) {
  constexpr std::string_view kSeeds = "seeds=";
  const bool is_bare = text.starts_with(kSeeds) && text.size() > kSeeds.size() && text[kSeeds.size()] != '[';
  return is_bare ? cat(kSeeds, '[', text.substr(kSeeds.size()), ']') : text;
}

/// `base` is relative to the file that says it, on the command line to the folder where the command runs.
void make_base_absolute(Value& tree, Problems& problems) {
  Value* base = tree.find("base");
  if (base == nullptr || !base->is_scalar() || base->text.empty()) return;
  if (const std::string fault = expand_home(base->text); !fault.empty()) {
    problems.push_back({base->where, "base", fault});
    return;
  }
  const bool typed = base->where.layer == kCommandLine || !base->where.source;
  const fs::path folder = typed ? fs::path() : fs::path(*base->where.source).parent_path();
  std::error_code error;
  const fs::path absolute = fs::absolute(folder / base->text, error);
  if (!error) base->text = absolute.lexically_normal().string();
  base->kind = Value::Kind::kQuoted;
}

}  // namespace

std::optional<Value> load_sweep_tree(const fs::path& path, const std::vector<std::string>& overrides,
                                     Problems& problems) {
  std::error_code error;
  const bool is_folder = fs::is_directory(path, error);
  const fs::path file = is_folder ? path / "sweep.yaml" : path;
  if (is_folder && !path_exists(file)) {
    const auto source = std::make_shared<const std::string>(path.string());
    problems.push_back({{source, 0, 0, 0}, "", "is a folder without a sweep's sweep.yaml"});
    return std::nullopt;
  }
  std::vector<std::string> own;
  for (const std::string& text : overrides) {
    if (is_own_key(text)) own.push_back(with_brackets(text));
  }
  std::optional<Value> tree = load_tree(file, own, problems);
  if (!tree) return tree;
  for (const std::string& text : overrides) {
    if (is_own_key(text)) continue;
    if (std::optional<Entry> entry = parse_config_override(text, problems)) apply(*tree, std::move(*entry), problems);
  }
  make_base_absolute(*tree, problems);
  return tree;
}

}  // namespace hiddenkey
