#include "score/baseline.h"

#include <algorithm>
#include <cstdint>
#include <map>

#include "core/text.h"

namespace hiddenkey {
namespace {

/// Counts answers, each the numbers of what it names: one class, or a set of labels.
using Answers = std::map<std::vector<int>, int64_t>;

Baseline most_frequent(const Answers& answers, const std::vector<std::string>& names) {
  if (answers.empty()) return {};
  int64_t all = 0;
  for (const auto& [answer, count] : answers) all += count;
  const auto most = std::max_element(answers.begin(), answers.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  std::vector<std::string> parts;
  for (const int number : most->first) parts.push_back(names[static_cast<std::size_t>(number)]);
  return {parts.empty() ? "none" : join(parts, ", "), static_cast<double>(most->second) / static_cast<double>(all)};
}

}  // namespace

Baseline class_baseline(const std::vector<std::string>& names, const std::vector<int>& labels) {
  Answers answers;
  for (const int label : labels) ++answers[{label}];
  return most_frequent(answers, names);
}

Baseline label_baseline(const std::vector<std::string>& names, const LabelMatrix& labels) {
  Answers answers;
  for (const std::vector<uint8_t>& row : labels) {
    std::vector<int> numbers;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (row[i] != 0) numbers.push_back(static_cast<int>(i));
    }
    ++answers[numbers];
  }
  return most_frequent(answers, names);
}

Baseline tag_baseline(const std::vector<std::string>& tags, const std::vector<std::vector<int>>& labels) {
  Answers answers;
  for (const std::vector<int>& sequence : labels) {
    for (const int tag : sequence) ++answers[{tag}];
  }
  return most_frequent(answers, tags);
}

}  // namespace hiddenkey
