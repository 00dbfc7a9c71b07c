#include "data/sources/e2e.h"

#include <algorithm>
#include <array>

#include "core/error.h"
#include "core/file.h"
#include "core/folder.h"
#include "core/text.h"
#include "data/data_file.h"
#include "data/generation.h"
#include "data/sources/source.h"
#include "data/table.h"
#include "data/trim.h"

namespace hiddenkey {
namespace {

struct SplitFiles {
  const char *split, *csv, *lora;
};
constexpr std::array<SplitFiles, 3> kFiles = {{{"train", "trainset.csv", "lora_train.txt"},
                                               {"dev", "devset.csv", "lora_valid.txt"},
                                               {"test", "testset_w_refs.csv", "lora_test.txt"}}};

bool is_lora(const TaskConfig& config) {
  if (!config.format.empty() && config.format != "csv" && config.format != "lora")
    throw ConfigError(cat("task.format: \"", config.format, "\" is none of csv, lora, which e2e has"));
  return config.format == "lora";
}

[[noreturn]] void fail(const std::string& source, int64_t line, const std::string& reason) {
  throw DataError(cat(source, ":", line, ": ", reason));
}

std::string_view lora_name(std::string_view attribute) {
  if (attribute == "eatType") return "Type";
  if (attribute == "priceRange") return "price";
  if (attribute == "familyFriendly") return "family friendly";
  return attribute;
}

/// The prices are the only values that LoRA's authors changed: "£20-25" is "£ 20 - 25".
std::string lora_value(std::string_view value) {
  const auto digit = [&](std::size_t i) { return i < value.size() && value[i] >= '0' && value[i] <= '9'; };
  constexpr std::string_view kPound = "\xC2\xA3";
  std::string spaced;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '-' && i > 0 && digit(i - 1) && digit(i + 1)) {
      spaced += " - ";
      continue;
    }
    spaced += value[i];
    if (std::string_view(spaced).ends_with(kPound) && digit(i + 1)) spaced += ' ';
  }
  return spaced;
}

std::string on_one_line(const std::string& text) {
  std::string line;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    line += text[i] == '\r' || text[i] == '\n' ? ' ' : text[i];
  }
  return line;
}

std::vector<TextExample> read_csv(const std::string& source) {
  const Table table = parse_table(read_data_file(source), source, TableFormat::kCsv);
  const std::size_t meaning = table.require("mr"), reference = table.require("ref");
  std::vector<TextExample> examples(table.rows.size());
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const std::string& text = table.rows[i][meaning];
    std::optional<std::string> prompt = linearise_e2e(text);
    if (!prompt) {
      fail(source, table.lines[i],
           cat("the meaning representation \"", text.substr(0, 60), "\" is not of the form name[value], name[value]"));
    }
    examples[i].text = *std::move(prompt);
    examples[i].completion = on_one_line(table.rows[i][reference]);
    if (trimmed(examples[i].completion).empty()) fail(source, table.lines[i], "the reference is empty");
  }
  return examples;
}

std::vector<TextExample> read_lora(const std::string& source) {
  constexpr std::string_view kBetween = "||";
  std::vector<TextExample> examples;
  int64_t number = 0;
  for (const std::string& whole : split(read_data_file(source), '\n')) {
    ++number;
    const std::string_view line = trimmed(whole);
    if (line.empty()) continue;
    const std::size_t between = line.find(kBetween);
    if (between == std::string_view::npos) fail(source, number, "has no || between the meaning and the reference");
    TextExample example;
    example.text = line.substr(0, between);
    example.completion = line.substr(between + kBetween.size());
    if (example.completion.find(kBetween) != std::string::npos) fail(source, number, "has || more than once");
    if (trimmed(example.text).empty()) fail(source, number, "the meaning before || is empty");
    if (trimmed(example.completion).empty()) fail(source, number, "the reference after || is empty");
    examples.push_back(std::move(example));
  }
  if (examples.empty()) throw DataError(cat(source, ": holds no examples"));
  return examples;
}

}  // namespace

fs::path e2e_file(const TaskConfig& config, const std::string& split) {
  const bool lora = is_lora(config);
  for (const SplitFiles& files : kFiles) {
    if (split == files.split) return fs::path(config.data_dir) / (lora ? files.lora : files.csv);
  }
  return {};
}

std::optional<std::string> linearise_e2e(std::string_view meaning) {
  std::string line;
  for (std::string_view rest = trimmed(meaning); !rest.empty();) {
    const std::size_t open = rest.find('['), close = rest.find(']');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) return std::nullopt;
    const std::string_view name = trimmed(rest.substr(0, open)),
                           value = trimmed(rest.substr(open + 1, close - open - 1));
    if (name.empty() || value.empty()) return std::nullopt;
    line += cat(line.empty() ? "" : " | ", lora_name(name), " : ", lora_value(value));
    rest = trimmed(rest.substr(close + 1));
    if (rest.empty()) return line;
    if (rest.front() != ',') return std::nullopt;
    rest = trimmed(rest.substr(1));
  }
  return std::nullopt;
}

std::vector<TextExample> read_e2e(const TaskConfig& config, const std::string& split) {
  const bool lora = is_lora(config);
  const fs::path file = e2e_file(config, split);
  TaskConfig other = config;
  other.format = lora ? "csv" : "lora";
  const fs::path instead = e2e_file(other, split);
  if (!path_exists(file) && path_exists(instead)) {
    throw DataError(cat(file.string(), ": is not there; ", instead.filename().string(),
                        " is, which task.format=", other.format, " takes"));
  }
  std::vector<TextExample> examples = lora ? read_lora(file.string()) : read_csv(file.string());
  group_by_prompt(examples);
  return examples;
}

namespace {

/// The E2E NLG Challenge's files.
class E2eSource : public Source {
 public:
  explicit E2eSource(const TaskConfig& config) : config_(config) {}

  std::filesystem::path file(const std::string& split) const override { return e2e_file(config_, split); }
  std::vector<TextExample> read(const std::string& split, TaskInfo& /*task*/, Notes& /*notes*/) const override {
    return read_e2e(config_, split);
  }

 private:
  const TaskConfig& config_;
};

}  // namespace

std::unique_ptr<Source> open_e2e(const TaskConfig& config) { return std::make_unique<E2eSource>(config); }

}  // namespace hiddenkey
