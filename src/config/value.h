#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hiddenkey {

/// The layer of what the command line says. The file that was asked for is layer 0, the one that it extends -1, and so
/// on: of two values that contradict each other, the higher layer's is meant.
constexpr int kCommandLine = 1;

/// Where a value was written. `line` and `column` count from 1; line 0 means the source as a whole.
struct Place {
  std::shared_ptr<const std::string> source;  ///< a file's path, or the override's text
  int line = 0;
  int column = 0;
  int layer = 0;
};

/// A warning is of something that has no effect; the config can be run all the same.
enum class Severity { kError, kWarning };

/// One thing that is wrong with a config.
struct Problem {
  Place where;
  std::string key;  ///< dotted; "" for the file as a whole
  std::string text;
  Severity severity = Severity::kError;
};
using Problems = std::vector<Problem>;

/// How many of them are errors.
std::size_t count_errors(const Problems& problems);

/// "run.yaml:3:5: training.batch_size: expected an integer, found "x"".
std::string to_line(const Problem& problem);

struct Entry;

/// What a YAML or JSON file says, before anybody asks what it should say.
struct Value {
  enum class Kind { kNull, kPlain, kQuoted, kList, kMap };

  Kind kind = Kind::kNull;
  std::string text;            ///< of kPlain and kQuoted
  std::vector<Value> items;    ///< of kList
  std::vector<Entry> entries;  ///< of kMap, in the file's order, without duplicates
  Place where;

  bool is_scalar() const { return kind == Kind::kPlain || kind == Kind::kQuoted; }
  const Value* find(std::string_view key) const;  ///< nullptr where there is none, or this is no map
  Value* find(std::string_view key);
};

struct Entry {
  std::string key;
  Place where;  ///< of the key
  Value value;
};

/// The value at a dotted key, nullptr where it was not given.
const Value* find_path(const Value& root, std::string_view dotted);

/// The layer that the key was given on; nothing where it was not given, or with null.
std::optional<int> layer_of(const Value& root, std::string_view dotted);

/// Puts `over` on top of `base`: maps merge key by key, anything else is replaced. An empty section changes nothing.
void merge(Value& base, Value over);

/// For messages: `"abc"`, `a list`, `a section`, `nothing`.
std::string describe(const Value& value);

}  // namespace hiddenkey
