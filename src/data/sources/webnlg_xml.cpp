#include "data/sources/webnlg_xml.h"

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "data/data_file.h"
#include "data/trim.h"
#include "data/xml.h"

namespace hiddenkey {
namespace {

class XmlEntry {
 public:
  explicit XmlEntry(const std::string& source) : source_(source) {}

  WebnlgEntry read(const XmlElement& entry) const {
    WebnlgEntry result;
    result.category = attribute(entry, "category");
    for (const XmlElement& child : entry.children) {
      if (child.name == "modifiedtripleset") {
        for (const XmlElement& triple : child.children) result.triples.push_back(linear(triple));
      }
      if (child.name != "lex" || attribute(child, "comment") != "good") continue;
      result.texts.emplace_back(trimmed(child.text));
      if (result.texts.back().empty()) fail(child, "a lexicalisation is empty");
    }
    if (result.triples.empty()) fail(entry, "the entry has no triples in <modifiedtripleset>");
    return result;
  }

 private:
  [[noreturn]] void fail(const XmlElement& element, const std::string& reason) const {
    throw DataError(cat(source_, ":", element.line, ": ", reason));
  }

  std::string attribute(const XmlElement& element, const char* name) const {
    const std::string* value = element.attribute(name);
    if (value == nullptr) fail(element, cat("<", element.name, "> has no \"", name, "\""));
    return *value;
  }

  std::string linear(const XmlElement& triple) const {
    constexpr std::string_view kBetween = " | ";
    if (triple.name != "mtriple") fail(triple, cat("expected <mtriple>, found <", triple.name, ">"));
    std::vector<std::string> parts;
    for (std::string_view rest = triple.text;;) {
      const std::size_t between = rest.find(kBetween);
      parts.emplace_back(trimmed(rest.substr(0, between)));
      if (parts.back().empty()) fail(triple, "a part of the triple is empty");
      if (between == std::string_view::npos) break;
      rest.remove_prefix(between + kBetween.size());
    }
    if (parts.size() != 3) fail(triple, cat("expected subject | property | object, found ", parts.size(), " parts"));
    return join(parts, " : ");
  }

  const std::string& source_;
};

}  // namespace

std::vector<WebnlgEntry> read_webnlg_xml(const fs::path& file) {
  const std::string source = file.string();
  const XmlElement root = parse_xml(read_data_file(file), source);
  if (root.name != "benchmark" || root.children.size() != 1 || root.children[0].name != "entries")
    throw DataError(cat(source, ":", root.line, ": expected <benchmark><entries>, as WebNLG's XML has it"));
  std::vector<WebnlgEntry> entries;
  for (const XmlElement& entry : root.children[0].children) entries.push_back(XmlEntry(source).read(entry));
  return entries;
}

}  // namespace hiddenkey
