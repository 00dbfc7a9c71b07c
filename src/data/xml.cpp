#include "data/xml.h"

#include <expat.h>

#include <algorithm>
#include <memory>

#include "core/text.h"
#include "data/table_lines.h"

namespace hiddenkey {
namespace {

constexpr std::size_t kMaxDepth = 32;

/// Makes the tree out of what Expat calls. A failure is kept and thrown behind Expat, which is C.
class TreeBuilder {
 public:
  TreeBuilder() : parser_(XML_ParserCreate(nullptr), XML_ParserFree) {
    if (parser_ == nullptr) throw std::bad_alloc();
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), &on_start, &on_end);
    XML_SetCharacterDataHandler(parser_.get(), &on_text);
    XML_SetStartDoctypeDeclHandler(parser_.get(), &on_doctype);
  }

  XmlElement parse(std::string_view bytes, const std::string& source) {
    constexpr std::size_t kPart = 1 << 20;  // Expat counts in int
    bool last = false;
    while (!last) {
      const std::string_view part = bytes.substr(0, kPart);
      bytes.remove_prefix(part.size());
      last = bytes.empty();
      if (XML_Parse(parser_.get(), part.data(), static_cast<int>(part.size()), last ? 1 : 0) != XML_STATUS_OK)
        fail_at(source, line(), failure_.empty() ? fault() : failure_);
    }
    return std::move(root_);
  }

 private:
  static TreeBuilder& of(void* self) { return *static_cast<TreeBuilder*>(self); }
  static void on_start(void* self, const char* name, const char** attributes) { of(self).start(name, attributes); }
  static void on_end(void* self, const char* /*name*/) { of(self).end(); }
  static void on_text(void* self, const char* text, int size) {
    of(self).open_.back().text.append(text, static_cast<std::size_t>(size));
  }
  static void on_doctype(void* self, const char* /*name*/, const char* /*system*/, const char* /*public_id*/,
                         int /*has_subset*/) {
    of(self).stop("a document type (DOCTYPE) is not taken");
  }

  void start(const char* name, const char** attributes) {
    if (open_.size() >= kMaxDepth) return stop(cat("elements nest deeper than ", kMaxDepth, " levels"));
    XmlElement element;
    element.name = name;
    element.line = line();
    for (; *attributes != nullptr; attributes += 2) element.attributes.emplace_back(attributes[0], attributes[1]);
    open_.push_back(std::move(element));
  }

  void end() {
    XmlElement element = std::move(open_.back());
    open_.pop_back();
    if (open_.empty()) {
      root_ = std::move(element);
    } else {
      open_.back().children.push_back(std::move(element));
    }
  }

  int64_t line() const { return static_cast<int64_t>(XML_GetCurrentLineNumber(parser_.get())); }

  void stop(const std::string& reason) {
    failure_ = reason;
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  /// What Expat says, and the element that is open there.
  std::string fault() const {
    std::string text = cat("is no valid XML: ", XML_ErrorString(XML_GetErrorCode(parser_.get())));
    if (!open_.empty()) text += cat("; <", open_.back().name, "> of line ", open_.back().line, " is open");
    return text;
  }

  std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser_;
  std::vector<XmlElement> open_;
  XmlElement root_;
  std::string failure_;
};

}  // namespace

const std::string* XmlElement::attribute(std::string_view wanted) const {
  const auto found = std::find_if(attributes.begin(), attributes.end(),
                                  [&](const auto& attribute) { return attribute.first == wanted; });
  return found == attributes.end() ? nullptr : &found->second;
}

XmlElement parse_xml(std::string_view bytes, const std::string& source) { return TreeBuilder().parse(bytes, source); }

}  // namespace hiddenkey
