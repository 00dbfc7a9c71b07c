#include "data/sources/webnlg.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.h"
#include "core/file.h"
#include "core/folder.h"
#include "core/json_file.h"
#include "core/text.h"
#include "data/data_file.h"
#include "data/sources/source.h"
#include "data/sources/webnlg_xml.h"
#include "data/trim.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

int64_t line_at(std::string_view bytes, std::size_t offset) {
  const std::string_view before = bytes.substr(0, offset);
  return 1 + std::count(before.begin(), before.end(), '\n');
}

/// Where the entry of that number begins, counted from 0. The parser forgets places, so a text that it has accepted is
/// gone through again.
int64_t line_of_entry(std::string_view bytes, std::size_t number) {
  std::size_t commas = 0, text_begin = 0;
  std::string_view key;
  int depth = 0;
  bool quoted = false, inside = false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c != '"') continue;
      quoted = false;
      if (depth == 1) key = bytes.substr(text_begin, i - text_begin);
      continue;
    }
    if (trimmed(bytes.substr(i, 1)).empty()) continue;
    if (inside && depth == 2 && commas == number) return line_at(bytes, i);
    if (c == '"') {
      quoted = true;
      text_begin = i + 1;
    }
    if (c == ',' && inside && depth == 2) ++commas;
    if (c == '[' && depth == 1) inside = key == "entries";
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
  }
  return 1;
}

class JsonEntry {
 public:
  JsonEntry(std::string_view bytes, std::string source, std::size_t number)
      : bytes_(bytes), source_(std::move(source)), number_(number) {}

  WebnlgEntry read(const Json& numbered) const {
    if (!numbered.is_object() || numbered.size() != 1) fail("expected an object with one key, the entry's number");
    const Json& entry = numbered.front();
    if (!entry.is_object()) fail("expected an object under the entry's number");
    WebnlgEntry result;
    result.category = text(entry, "category", "the entry");
    for (const Json& triple : list(entry, "modifiedtripleset")) result.triples.push_back(linear(triple));
    if (result.triples.empty()) fail("\"modifiedtripleset\" is empty");
    for (const Json& lexicalisation : list(entry, "lexicalisations")) {
      if (!lexicalisation.is_object()) fail("expected objects in \"lexicalisations\"");
      if (text(lexicalisation, "comment", "a lexicalisation") != "good") continue;
      result.texts.push_back(text(lexicalisation, "lex", "a lexicalisation"));
      if (trimmed(result.texts.back()).empty()) fail("a lexicalisation is empty");
    }
    return result;
  }

 private:
  [[noreturn]] void fail(const std::string& reason) const {
    throw DataError(cat(source_, ":", line_of_entry(bytes_, number_), ": entry ", number_ + 1, ": ", reason));
  }

  const Json& list(const Json& entry, const char* name) const {
    if (!entry.contains(name) || !entry[name].is_array()) fail(cat("has no list \"", name, "\""));
    return entry[name];
  }

  std::string text(const Json& object, const char* name, const char* owner) const {
    if (!object.contains(name)) fail(cat(owner, " has no \"", name, "\""));
    if (!object[name].is_string()) fail(cat("\"", name, "\" of ", owner, " is no text"));
    return object[name].get<std::string>();
  }

  std::string linear(const Json& triple) const {
    static const std::vector<std::string> kFields = {"subject", "property", "object"};
    if (!triple.is_object()) fail("expected objects in \"modifiedtripleset\"");
    for (const auto& [name, value] : triple.items()) {
      if (std::find(kFields.begin(), kFields.end(), name) == kFields.end())
        fail(cat("a triple has the unknown field \"", name.substr(0, 60), "\"", did_you_mean(name, kFields)));
    }
    std::vector<std::string> parts;
    for (const std::string& name : kFields) {
      parts.push_back(text(triple, name.c_str(), "a triple"));
      if (trimmed(parts.back()).empty()) fail(cat("the ", name, " of a triple is empty"));
    }
    return join(parts, " : ");
  }

  std::string_view bytes_;
  std::string source_;
  std::size_t number_;
};

Json parse(std::string_view bytes, const std::string& source) {
  if (trimmed(bytes).empty()) throw DataError(cat(source, ": holds no examples"));
  const auto watch = [&](int depth, Json::parse_event_t, Json&) {
    if (depth > kMostJsonLevels) throw DataError(cat(source, ": is nested deeper than ", kMostJsonLevels, " levels"));
    return true;
  };
  try {
    return Json::parse(bytes, watch);
  } catch (const Json::parse_error& error) {
    throw DataError(cat(source, ":", line_at(bytes, error.byte == 0 ? 0 : error.byte - 1),
                        ": is no valid JSON from here on; the file may be cut off"));
  } catch (const Json::out_of_range& error) {
    const std::string reason = error.what(), number = reason.substr(std::min(reason.find('\'') + 1, reason.size()));
    const std::size_t place = bytes.find(number.substr(0, number.rfind('\'')));
    throw DataError(cat(source, ":", line_at(bytes, std::min(place, bytes.size())), ": a number is too large"));
  }
}

std::vector<WebnlgEntry> read_json(const fs::path& file) {
  const std::string bytes = read_data_file(file), source = file.string();
  const Json root = parse(bytes, source);
  if (!root.is_object() || !root.contains("entries") || !root["entries"].is_array())
    throw DataError(cat(source, ":1: expected an object with a list \"entries\", as WebNLG's JSON has it"));
  std::vector<WebnlgEntry> entries;
  for (const Json& entry : root["entries"]) entries.push_back(JsonEntry(bytes, source, entries.size()).read(entry));
  return entries;
}

/// By their paths, which gives the order of the JSON files.
std::vector<fs::path> xml_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() == ".xml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<WebnlgEntry> read_entries(const fs::path& path) {
  std::error_code error;
  if (path.extension() == ".xml") return read_webnlg_xml(path);
  if (!fs::is_directory(path, error)) return read_json(path);
  std::vector<WebnlgEntry> entries;
  for (const fs::path& file : xml_files(path)) std::ranges::move(read_webnlg_xml(file), std::back_inserter(entries));
  return entries;
}

/// The categories of the training data (Gardent et al., INLG 2017).
bool is_seen(const std::string& category) {
  static const std::set<std::string> kSeen = {"Airport", "Astronaut", "Building",   "City",       "ComicsCharacter",
                                              "Food",    "Monument",  "SportsTeam", "University", "WrittenWork"};
  return kSeen.contains(category);
}

}  // namespace

fs::path webnlg_file(const TaskConfig& config, const std::string& split) {
  if (split != "train" && split != "dev" && split != "test") return {};
  const fs::path folder = fs::path(config.data_dir) / split;
  fs::path json = fs::path(config.data_dir) / (split + ".json");
  std::error_code error;
  if (path_exists(json) || !fs::is_directory(folder, error)) return json;
  return split == "test" ? folder / "testdata_with_lex.xml" : folder;
}

std::vector<TextExample> read_webnlg(const fs::path& path) {
  std::vector<TextExample> examples;
  std::size_t number = 0;
  for (const WebnlgEntry& entry : read_entries(path)) {
    TextExample example;
    example.text = join(entry.triples, " | ");
    example.group = std::to_string(++number);
    example.part = is_seen(entry.category) ? "seen" : "unseen";
    for (const std::string& text : entry.texts) {
      example.id = std::to_string(examples.size());
      example.completion = text;
      examples.push_back(example);
    }
  }
  if (examples.empty()) throw DataError(cat(path.string(), ": holds no examples"));
  return examples;
}

namespace {

/// WebNLG's files.
class WebnlgSource : public Source {
 public:
  explicit WebnlgSource(const TaskConfig& config) : config_(config) {}

  std::filesystem::path file(const std::string& split) const override { return webnlg_file(config_, split); }
  std::vector<TextExample> read(const std::string& split, TaskInfo& /*task*/, Notes& /*notes*/) const override {
    return read_webnlg(file(split));
  }

 private:
  const TaskConfig& config_;
};

}  // namespace

std::unique_ptr<Source> open_webnlg(const TaskConfig& config) { return std::make_unique<WebnlgSource>(config); }

}  // namespace hiddenkey
