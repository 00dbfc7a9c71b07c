#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "config/value.h"

namespace hiddenkey {

/// Ends a parse: the one problem that makes the rest meaningless.
struct ParseStop {
  Problem problem;
};

/// Makes a Value out of a parser's events, and bounds what a file can ask for: depth, and size with aliases written
/// out.
class TreeBuilder {
 public:
  struct Mark {
    int line = 0;
    int column = 0;
  };
  /// 0 is no anchor.
  using Anchor = std::size_t;

  TreeBuilder(const std::string& source, Problems& problems);

  void scalar(Value::Kind kind, std::string text, Mark mark, Anchor anchor = 0);
  void begin(Value::Kind kind, Mark mark, Anchor anchor = 0);
  void end();
  void alias(Anchor anchor, Mark mark);
  Value take() { return std::move(root_); }

  [[noreturn]] void stop(Mark mark, const std::string& text) const;

 private:
  struct Anchored {
    Value value;
    std::size_t cost = 0;
    bool complete = false;
  };
  struct Frame {
    Value value;
    Anchor anchor = 0;
    std::size_t cost_before = 0;
    bool has_key = false;
    bool merges = false;  ///< the key that waits for its value is YAML's merge key
    Entry pending;        ///< its key, while the value is awaited
    std::vector<Entry> merged;
    std::unordered_map<std::string, int> key_lines;
  };

  void attach(Value value);
  void attach_to_map(Frame& frame, Value value);
  void collect_merged(Frame& frame, Value value);
  void spend(std::size_t cost, Mark mark);
  Place at(Mark mark) const { return {source_, mark.line, mark.column}; }
  std::string path_to(const std::string& key) const;

  std::shared_ptr<const std::string> source_;
  Problems& problems_;
  Value root_;
  std::vector<Frame> stack_;
  std::unordered_map<Anchor, Anchored> anchored_;
  std::size_t spent_ = 0;
};

}  // namespace hiddenkey
