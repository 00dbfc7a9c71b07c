#include "config/value.h"

#include <algorithm>

#include "core/text.h"

namespace hiddenkey {

std::string to_line(const Problem& problem) {
  std::string line = problem.where.source ? *problem.where.source : "config";
  if (problem.where.line > 0) line += cat(":", problem.where.line, ":", problem.where.column);
  if (!problem.key.empty()) line += ": " + problem.key;
  return line + ": " + problem.text;
}

std::size_t count_errors(const Problems& problems) {
  return static_cast<std::size_t>(std::count_if(
      problems.begin(), problems.end(), [](const Problem& problem) { return problem.severity == Severity::kError; }));
}

const Value* Value::find(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &found->value;
}

Value* Value::find(std::string_view key) {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &found->value;
}

const Value* find_path(const Value& root, std::string_view dotted) {
  const Value* value = &root;
  for (const std::string& part : split(dotted, '.')) {
    value = value->find(part);
    if (value == nullptr) return nullptr;
  }
  return value;
}

std::optional<int> layer_of(const Value& root, std::string_view dotted) {
  const Value* value = find_path(root, dotted);
  if (value == nullptr || value->kind == Value::Kind::kNull) return std::nullopt;
  return value->where.layer;
}

void merge(Value& base, Value over) {
  if (base.kind == Value::Kind::kMap && over.kind == Value::Kind::kNull) return;
  if (base.kind != Value::Kind::kMap || over.kind != Value::Kind::kMap) {
    base = std::move(over);
    return;
  }
  for (Entry& entry : over.entries) {
    if (Value* below = base.find(entry.key)) {
      merge(*below, std::move(entry.value));
    } else {
      base.entries.push_back(std::move(entry));
    }
  }
}

std::string describe(const Value& value) {
  constexpr std::size_t kShown = 40;
  switch (value.kind) {
    case Value::Kind::kNull:
      return "nothing";
    case Value::Kind::kList:
      return "a list";
    case Value::Kind::kMap:
      return "a section";
    case Value::Kind::kPlain:
    case Value::Kind::kQuoted:
      break;
  }
  const bool cut = value.text.size() > kShown;
  std::string shown = cut ? value.text.substr(0, kShown) + "..." : value.text;
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return (value.kind == Value::Kind::kQuoted ? "the text \"" : "\"") + shown + "\"";
}

}  // namespace hiddenkey
