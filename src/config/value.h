#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hiddenkey {

/// Where a value was written. `line` and `column` count from 1; line 0 means the source as a whole.
struct Place {
  std::shared_ptr<const std::string> source;  ///< a file's path, or the override's text
  int line = 0;
  int column = 0;
};

/// One thing that is wrong with a config.
struct Problem {
  Place where;
  std::string key;  ///< dotted; "" for the file as a whole
  std::string text;
};
using Problems = std::vector<Problem>;

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

/// Puts `over` on top of `base`: maps merge key by key, anything else is replaced. An empty section changes nothing.
void merge(Value& base, Value over);

/// For messages: `"abc"`, `a list`, `a section`, `nothing`.
std::string describe(const Value& value);

}  // namespace hiddenkey
