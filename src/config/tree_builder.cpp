#include "config/tree_builder.h"

#include <algorithm>
#include <iterator>

#include "core/text.h"

namespace hiddenkey {
namespace {

constexpr std::size_t kMaxDepth = 64;
// A value costs its text and something for itself; the largest honest config costs some thousands of bytes.
constexpr std::size_t kValueCost = 64;
constexpr std::size_t kMaxCost = std::size_t{32} << 20;

}  // namespace

TreeBuilder::TreeBuilder(const std::string& source, Problems& problems)
    : source_(std::make_shared<const std::string>(source)), problems_(problems) {
  root_.where.source = source_;
}

void TreeBuilder::stop(Mark mark, const std::string& text) const { throw ParseStop{{at(mark), "", text}}; }

void TreeBuilder::spend(std::size_t cost, Mark mark) {
  spent_ += cost;
  if (spent_ > kMaxCost) stop(mark, "holds too much for a config once its aliases are written out");
}

void TreeBuilder::scalar(Value::Kind kind, std::string text, Mark mark, Anchor anchor) {
  const std::size_t cost = kValueCost + text.size();
  spend(cost, mark);
  Value value;
  value.kind = kind;
  value.text = std::move(text);
  value.where = at(mark);
  if (anchor != 0) anchored_[anchor] = {value, cost, true};
  attach(std::move(value));
}

void TreeBuilder::begin(Value::Kind kind, Mark mark, Anchor anchor) {
  if (stack_.size() >= kMaxDepth) stop(mark, cat("is nested deeper than ", kMaxDepth, " levels"));
  if (anchor != 0) anchored_[anchor] = {};
  Frame frame;
  frame.value.kind = kind;
  frame.value.where = at(mark);
  frame.anchor = anchor;
  frame.cost_before = spent_;
  spend(kValueCost, mark);
  stack_.push_back(std::move(frame));
}

void TreeBuilder::end() {
  Frame frame = std::move(stack_.back());
  stack_.pop_back();
  for (Entry& entry : frame.merged) {
    const bool is_new = frame.key_lines.emplace(entry.key, entry.where.line).second;
    if (is_new) frame.value.entries.push_back(std::move(entry));
  }
  if (frame.anchor != 0) anchored_[frame.anchor] = {frame.value, spent_ - frame.cost_before, true};
  attach(std::move(frame.value));
}

void TreeBuilder::alias(Anchor anchor, Mark mark) {
  const auto found = anchored_.find(anchor);
  if (found == anchored_.end() || !found->second.complete) stop(mark, "an alias stands inside the value that it names");
  spend(found->second.cost, mark);
  attach(found->second.value);
}

void TreeBuilder::attach(Value value) {
  if (stack_.empty()) {
    root_ = std::move(value);
  } else if (stack_.back().value.kind == Value::Kind::kList) {
    stack_.back().value.items.push_back(std::move(value));
  } else {
    attach_to_map(stack_.back(), std::move(value));
  }
}

void TreeBuilder::attach_to_map(Frame& frame, Value value) {
  if (!frame.has_key) {
    if (!value.is_scalar()) stop({value.where.line, value.where.column}, "a key must be a plain name");
    frame.merges = value.kind == Value::Kind::kPlain && value.text == "<<";
    frame.pending.key = std::move(value.text);
    frame.pending.where = value.where;
    frame.has_key = true;
    return;
  }
  frame.has_key = false;
  const auto [first, is_new] = frame.key_lines.emplace(frame.pending.key, frame.pending.where.line);
  if (!is_new) {
    const std::string text = cat("duplicate key, first given on line ", first->second);
    problems_.push_back({frame.pending.where, path_to(frame.pending.key), text});
    return;
  }
  if (frame.merges) return collect_merged(frame, std::move(value));
  frame.pending.value = std::move(value);
  frame.value.entries.push_back(std::move(frame.pending));
  frame.pending = {};
}

/// YAML's merge key: the entries of a section, or of each of a list, where the section itself and those before it have
/// none of that name.
void TreeBuilder::collect_merged(Frame& frame, Value value) {
  std::vector<Value> sections;
  if (value.kind == Value::Kind::kList) {
    sections = std::move(value.items);
  } else {
    sections.push_back(std::move(value));
  }
  for (Value& section : sections) {
    if (section.kind != Value::Kind::kMap) {
      const std::string text = "expected a section to merge, or a list of sections, found " + describe(section);
      problems_.push_back({section.where, path_to(frame.pending.key), text});
      continue;
    }
    std::move(section.entries.begin(), section.entries.end(), std::back_inserter(frame.merged));
  }
}

std::string TreeBuilder::path_to(const std::string& key) const {
  std::string path;
  for (std::size_t i = 0; i + 1 < stack_.size(); ++i) {
    if (stack_[i].has_key) path += stack_[i].pending.key + ".";
  }
  return path + key;
}

}  // namespace hiddenkey
