#include "config/load.h"

#include <algorithm>

#include "config/parse.h"
#include "core/error.h"
#include "core/file.h"
#include "core/folder.h"
#include "core/home_path.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

constexpr std::uintmax_t kMaxFileSize = std::uintmax_t{4} << 20;

Place start_of(const fs::path& path) { return {std::make_shared<const std::string>(path.string()), 0, 0}; }

std::optional<Value> parse_file(const fs::path& path, Problems& problems) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (!error && size > kMaxFileSize) {
    problems.push_back(
        {start_of(path), "", cat("is too large for a config: ", format_bytes(static_cast<double>(size)))});
    return std::nullopt;
  }
  std::string bytes;
  try {
    bytes = read_file(path);
  } catch (const IoError& failure) {
    problems.push_back({start_of(path), "", failure.reason()});
    return std::nullopt;
  }
  const bool json = path.extension() == ".json";
  std::optional<Value> value =
      json ? parse_json(bytes, path.string(), problems) : parse_yaml(bytes, path.string(), problems);
  if (!value) return value;
  if (value->kind == Value::Kind::kNull) value->kind = Value::Kind::kMap;  // an empty file gives nothing
  if (value->kind == Value::Kind::kMap) return value;
  problems.push_back({value->where, "", "expected keys with values, found " + describe(*value)});
  return std::nullopt;
}

/// Takes `extends` out of the tree.
std::optional<Value> take_extends(Value& tree) {
  const auto found =
      std::find_if(tree.entries.begin(), tree.entries.end(), [](const Entry& entry) { return entry.key == "extends"; });
  if (found == tree.entries.end()) return std::nullopt;
  Value value = std::move(found->value);
  tree.entries.erase(found);
  return value;
}

/// One name for a file, however it is reached; the path as it is where it cannot be followed.
fs::path resolved(const fs::path& path) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(path, error);
  return error ? path : canonical;
}

void set_layer(Value& value, int layer) {
  value.where.layer = layer;
  for (Value& item : value.items) set_layer(item, layer);
  for (Entry& entry : value.entries) {
    entry.where.layer = layer;
    set_layer(entry.value, layer);
  }
}

/// `chain` holds the files that are being read, each extended by the one before.
std::optional<Value> load_file(const fs::path& path, std::vector<fs::path>& chain, Problems& problems) {
  std::optional<Value> tree = parse_file(path, problems);
  if (!tree) return tree;
  set_layer(*tree, -static_cast<int>(chain.size()));
  const std::optional<Value> extends = take_extends(*tree);
  if (!extends) return tree;
  if (!extends->is_scalar() || extends->text.empty()) {
    problems.push_back({extends->where, "extends", "expected the name of a file, found " + describe(*extends)});
    return std::nullopt;
  }
  std::string named = extends->text;
  if (const std::string fault = expand_home(named); !fault.empty()) {
    problems.push_back({extends->where, "extends", fault});
    return std::nullopt;
  }
  const fs::path base_path = (path.parent_path() / named).lexically_normal();
  chain.push_back(resolved(path));
  if (std::find(chain.begin(), chain.end(), resolved(base_path)) != chain.end()) {
    problems.push_back(
        {extends->where, "extends", cat("\"", extends->text, "\" leads back to a file that extends it")});
    return std::nullopt;
  }
  if (!path_exists(base_path)) {
    problems.push_back({extends->where, "extends", cat("there is no file ", base_path.string())});
    return std::nullopt;
  }
  std::optional<Value> base = load_file(base_path, chain, problems);
  if (!base) return base;
  // What is missing from both is missing from the file that was asked for.
  base->where = tree->where;
  merge(*base, std::move(*tree));
  return base;
}

std::optional<Value> parse_override_value(const std::string& text, const Place& where, Problems& problems) {
  Value empty;
  empty.kind = Value::Kind::kQuoted;
  if (text.empty()) return empty;
  Problems found;
  std::optional<Value> value = parse_yaml(text, *where.source, found);
  for (Problem& problem : found) problems.push_back({where, problem.key, problem.text});
  return value;
}

void apply_override(Value& tree, const std::string& text, Problems& problems) {
  constexpr std::size_t kMaxParts = 16;
  const Place where = override_place(text);
  const std::size_t equals = text.find('=');
  const std::vector<std::string> parts = split(text.substr(0, equals), '.');
  const bool has_empty_part = std::find(parts.begin(), parts.end(), "") != parts.end();
  if (equals == std::string::npos || has_empty_part || parts.size() > kMaxParts) {
    problems.push_back({where, "", "expected section.key=value"});
    return;
  }
  std::optional<Value> value = parse_override_value(text.substr(equals + 1), where, problems);
  if (!value) return;
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    Value section;
    section.kind = Value::Kind::kMap;
    section.entries.push_back({*part, where, std::move(*value)});
    value = std::move(section);
  }
  relocate(*value, where);
  merge(tree, std::move(*value));
}

}  // namespace

Place override_place(const std::string& text) {
  constexpr std::size_t kShown = 80;
  const std::string shown = text.size() > kShown ? text.substr(0, kShown) + "..." : text;
  return {std::make_shared<const std::string>("override \"" + shown + "\""), 0, 0, kCommandLine};
}

void relocate(Value& value, const Place& where) {
  value.where = where;
  for (Value& item : value.items) relocate(item, where);
  for (Entry& entry : value.entries) {
    entry.where = where;
    relocate(entry.value, where);
  }
}

std::optional<Value> load_tree(const fs::path& path, const std::vector<std::string>& overrides, Problems& problems) {
  std::vector<fs::path> chain;
  std::optional<Value> tree = load_file(path, chain, problems);
  if (!tree) return tree;
  for (const std::string& text : overrides) apply_override(*tree, text, problems);
  return tree;
}

Value load_overrides(const std::vector<std::string>& overrides, Problems& problems) {
  Value tree;
  tree.kind = Value::Kind::kMap;
  for (const std::string& text : overrides) apply_override(tree, text, problems);
  return tree;
}

}  // namespace hiddenkey
