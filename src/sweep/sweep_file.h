#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/value.h"
#include "sweep/values.h"

namespace hiddenkey {

/// One config key and the values that it takes.
struct Axis {
  std::string key;
  Place where;
  std::vector<Value> values;
};

struct Axes {
  std::vector<Axis> list;
};

/// Axes of one group have as many values each and move together.
struct PairedAxes {
  std::vector<std::vector<Axis>> groups;
};

/// Some settings at once, with a name or without one.
struct SettingsOfCell {
  std::string name;
  Place where;
  std::vector<Setting> settings;
};

struct NamedCells {
  std::vector<SettingsOfCell> list;
};

struct Exclusions {
  std::vector<SettingsOfCell> list;
};

/// What one key is drawn from.
struct Parameter {
  enum class Kind { kUniform, kLogUniform, kChoice };
  std::string key;
  Place where;
  Kind kind = Kind::kChoice;
  double low = 0, high = 0;
  std::vector<Value> choices;
};

struct Parameters {
  std::vector<Parameter> list;
};

struct RandomSearch {
  std::optional<int64_t> trials;
  int64_t seed = 0;
  Parameters parameters;
};

/// Pausing every trial at some shares of its steps, where the best cells go on.
struct Halving {
  std::vector<double> rungs;  ///< increasing; empty: no trial is paused
  double keep = 0.5;          ///< share of the cells that goes on at each rung
};

/// A whole section as it stands.
struct InlineConfig {
  Value tree;
};

struct SweepFile {
  std::string base;
  InlineConfig config;
  std::vector<int64_t> seeds;  ///< empty: the config's own
  Axes grid;
  PairedAxes paired;
  NamedCells trials;
  RandomSearch random;
  Exclusions exclude;
  std::optional<int64_t> folds;  ///< of the training file, in place of its dev split
  Halving halving;
  std::string metric;      ///< empty: the task's
  std::string compare_to;  ///< empty: nothing
  int64_t workers = 1;
  int64_t retries = 1;
  std::string output_dir;
};

/// A key that cells differ in, in the order of the file.
struct VariedKey {
  std::string key;
  Place where;
  const char* section;  ///< that says so
};
std::vector<VariedKey> varied_keys(const SweepFile& file);

/// Reads a sweep file, or the one in a sweep's folder, with `key=value` and `key=a,b,c` of the command line put into
/// it: a key of the sweep file is replaced, several values of a config key become an axis of the grid, a single one
/// becomes a part of the inline config and takes such an axis away. Nothing where the file cannot be read; the problems
/// say why.
std::optional<Value> load_sweep_tree(const std::filesystem::path& path, const std::vector<std::string>& overrides,
                                     Problems& problems);

/// What the tree says, with all that its keys alone can have wrong.
SweepFile read_sweep_file(const Value& tree, Problems& problems);

/// The tree as a file that means the same from every folder: `base` and `output_dir` are absolute paths.
std::string to_sweep_yaml(Value tree);

/// The JSON Schema of a sweep file.
std::string sweep_schema();

}  // namespace hiddenkey
