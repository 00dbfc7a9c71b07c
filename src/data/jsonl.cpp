#include "data/jsonl.h"

#include <array>
#include <cctype>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_map>

#include "core/error.h"
#include "core/json_file.h"
#include "core/text.h"
#include "data/table_lines.h"
#include "data/trim.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

/// The first word outside of texts that is none of JSON's, such as NaN or True.
std::string foreign_word(std::string_view line) {
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') quoted = !quoted;
    if (quoted && line[i] == '\\') ++i;
    if (quoted || std::isalpha(static_cast<unsigned char>(line[i])) == 0) continue;
    const std::size_t begin = i;
    while (i < line.size() && std::isalpha(static_cast<unsigned char>(line[i])) != 0) ++i;
    std::string word(line.substr(begin, i - begin));
    --i;
    if (word.size() > 1 && word != "true" && word != "false" && word != "null") return word;
  }
  return "";
}

/// What a person would call the fault that the parser met.
std::string fault(std::string_view line, const Json::exception& error) {
  const std::string_view what = error.what();
  const auto says = [&](std::string_view part) { return what.find(part) != std::string_view::npos; };
  if (trimmed(line).starts_with('[')) return "is a JSON array; JSONL has one object a line, with no list around them";
  if (says("number overflow")) return "holds a number that is too large for a float64";
  if (says("surrogate")) return "holds half of a surrogate pair (\\ud800 to \\udfff alone), which is no character";
  if (says("UTF-8")) return "holds bytes that are not UTF-8";
  const std::string word = foreign_word(line);
  for (const char* number : {"NaN", "nan", "Infinity", "inf", "Inf"}) {
    if (word == number) return cat("holds ", word, ", which JSON does not have; null means that a value is missing");
  }
  if (!word.empty()) return cat("holds ", word, ", which is no JSON; its words are true, false and null");
  if (says("unexpected end of input") || says("missing closing quote"))
    return "is no JSON object; the line may be cut off";
  const auto* parse = dynamic_cast<const Json::parse_error*>(&error);
  return cat("is no valid JSON from column ", parse == nullptr ? 1 : parse->byte, " on");
}

Json parse_line(std::string_view line, const std::string& source, int64_t number) {
  std::set<std::string> keys;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& key) {
    if (depth > kMostJsonLevels) fail_at(source, number, cat("is nested deeper than ", kMostJsonLevels, " levels"));
    if (event == Json::parse_event_t::key && depth == 1 && !keys.insert(key.get<std::string>()).second)
      fail_at(source, number, cat("the key \"", key.get<std::string>(), "\" stands there twice"));
    return true;
  };
  try {
    Json json = Json::parse(line, watch);
    if (json.is_object()) return json;
    if (json.is_array())
      fail_at(source, number, "is a JSON array; JSONL has one object a line, with no list around them");
  } catch (const Json::exception& error) {
    fail_at(source, number, fault(line, error));
  }
  fail_at(source, number, "is no JSON object");
}

FieldKind kind_of(const Json& value) {
  if (value.is_null()) return FieldKind::kMissing;
  if (value.is_array()) return FieldKind::kList;
  if (value.is_object()) return FieldKind::kObject;
  if (value.is_boolean()) return FieldKind::kTruth;
  return value.is_number() ? FieldKind::kNumber : FieldKind::kText;
}

std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return format_number(value.get<double>());
  if (value.is_object() || value.is_null()) return "";
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

void parse_jsonl(std::string_view bytes, Table& table) {
  std::unordered_map<std::string, std::size_t> places;
  std::string_view line;
  for (int64_t number = 1; next_line(bytes, line); ++number) {
    if (trimmed(line).empty()) continue;
    const Json json = parse_line(line, table.source, number);
    std::vector<std::string> fields(table.columns.size());
    std::vector<FieldKind> kinds(table.columns.size(), FieldKind::kMissing);
    for (const auto& [key, value] : json.items()) {
      const auto [place, is_new] = places.emplace(key, table.columns.size());
      if (is_new) {
        table.columns.push_back(key);
        fields.emplace_back();
        kinds.emplace_back();
      }
      fields[place->second] = text_of(value);
      kinds[place->second] = kind_of(value);
    }
    table.rows.push_back(std::move(fields));
    table.kinds.push_back(std::move(kinds));
    table.lines.push_back(number);
  }
  for (std::vector<std::string>& fields : table.rows) fields.resize(table.columns.size());
  for (std::vector<FieldKind>& kinds : table.kinds) kinds.resize(table.columns.size(), FieldKind::kMissing);
}

}  // namespace hiddenkey
