#include "score/references.h"

#include <algorithm>
#include <unordered_map>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "data/data_file.h"
#include "data/table.h"
#include "text/unicode.h"

namespace hiddenkey {
namespace {

std::string clean(std::string_view bytes) { return encode_utf8(decode_utf8(bytes)); }

/// The lines of a file; a line break at its end begins no line.
std::vector<std::string> read_lines(const fs::path& path) {
  std::string bytes = read_data_file(path);
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.erase(0, 3);
  std::vector<std::string> lines = split(clean(bytes), '\n');
  if (lines.back().empty()) lines.pop_back();
  for (std::string& line : lines) {
    if (line.ends_with('\r')) line.pop_back();
  }
  const bool is_empty = std::all_of(lines.begin(), lines.end(), [](const std::string& line) {
    return line.find_first_not_of(" \t") == std::string::npos;
  });
  if (is_empty) throw DataError(cat(path.string(), ": holds no text"));
  return lines;
}

/// Collects references under the input that they are for.
class Groups {
 public:
  void add(const std::string& input, std::string_view reference) {
    const auto [entry, is_new] = numbers_.try_emplace(input, groups_.size());
    if (is_new) groups_.emplace_back();
    groups_[entry->second].push_back(clean(reference));
  }
  References take() { return std::move(groups_); }

 private:
  References groups_;
  std::unordered_map<std::string, std::size_t> numbers_;
};

References group_table(const fs::path& path) {
  const std::string name = path.string();
  const Table table = parse_table(read_data_file(path), name, table_format(name, ""));
  const std::size_t input = table.require("mr"), reference = table.require("ref");
  Groups groups;
  for (std::size_t row = 0; row < table.rows.size(); ++row)
    groups.add(table.field(row, input), table.field(row, reference));
  return groups.take();
}

References group_pairs(const std::vector<std::string>& lines, const fs::path& path) {
  constexpr std::string_view kBetween = "||";
  Groups groups;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].empty()) continue;
    const std::size_t bar = lines[i].find(kBetween);
    if (bar == std::string::npos)
      throw DataError(cat(path.string(), ":", i + 1, ": has no || between mr and reference"));
    groups.add(lines[i].substr(0, bar), std::string_view(lines[i]).substr(bar + kBetween.size()));
  }
  return groups.take();
}

bool is_blank(const std::string& line) { return line.find_first_not_of(" \t") == std::string::npos; }

References group_blocks(const std::vector<std::string>& lines) {
  const bool blocks = std::any_of(lines.begin(), lines.end(), is_blank);
  References groups;
  bool open = false;
  for (const std::string& line : lines) {
    if (!is_blank(line)) {
      if (!open) groups.emplace_back();
      groups.back().push_back(line);
    }
    open = blocks && !is_blank(line);
  }
  return groups;
}

}  // namespace

std::vector<std::string> read_hypotheses(const fs::path& path) {
  const std::string name = path.string();
  if (!name.ends_with(".jsonl")) return read_lines(path);
  const Table table = parse_table(read_data_file(path), name, TableFormat::kJsonl);
  const std::size_t text = table.require("text");
  std::vector<std::string> hypotheses;
  for (std::size_t row = 0; row < table.rows.size(); ++row) hypotheses.push_back(clean(table.field(row, text)));
  return hypotheses;
}

References read_grouped_references(const fs::path& path) {
  if (path.extension() == ".csv" || path.extension() == ".tsv") return group_table(path);
  const std::vector<std::string> lines = read_lines(path);
  const auto first = std::find_if_not(lines.begin(), lines.end(), is_blank);
  return first->find("||") == std::string::npos ? group_blocks(lines) : group_pairs(lines, path);
}

References read_parallel_references(const std::vector<fs::path>& paths) {
  References references;
  for (std::size_t file = 0; file < paths.size(); ++file) {
    std::vector<std::string> lines = read_lines(paths[file]);
    if (file == 0) references.resize(lines.size());
    // A last line that is empty and not ended looks like none.
    if (lines.size() + 1 == references.size()) lines.emplace_back();
    if (references.size() + 1 == lines.size() && file > 0) references.emplace_back();
    if (lines.size() != references.size())
      throw DataError(cat(paths[file].string(), ":", lines.size(), ": ends here, and ", paths[0].string(), " has ",
                          references.size(), " lines"));
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (!is_blank(lines[i])) references[i].push_back(std::move(lines[i]));
    }
  }
  for (std::size_t i = 0; i < references.size(); ++i) {
    if (references[i].empty()) throw DataError(cat(paths[0].string(), ":", i + 1, ": no file has a reference here"));
  }
  return references;
}

void count_missing_references(std::vector<Segment>& segments) {
  std::size_t most = 0;
  for (const Segment& segment : segments) most = std::max(most, segment.references.size());
  for (Segment& segment : segments) segment.missing_references = most - segment.references.size();
}

std::vector<Segment> make_segments(const std::vector<std::string>& hypotheses, const References& references,
                                   const fs::path& path) {
  const std::size_t given = hypotheses.size(), wanted = references.size();
  if (given != wanted)
    throw DataError(cat(path.string(), ":", std::min(given, wanted + 1), ": has ", given,
                        " texts, and there are references for ", wanted, " inputs"));
  std::vector<Segment> segments;
  for (std::size_t i = 0; i < given; ++i) segments.push_back({hypotheses[i], references[i], "", 0});
  return segments;
}

}  // namespace hiddenkey
