#include "data/xml.h"

#include <algorithm>
#include <charconv>

#include "core/error.h"
#include "core/text.h"
#include "data/trim.h"
#include "text/unicode.h"

namespace hiddenkey {
namespace {

constexpr std::size_t kMaxDepth = 32;
constexpr std::string_view kBlank = " \t\r\n";

class XmlParser {
 public:
  XmlParser(std::string_view bytes, const std::string& source) : rest_(bytes), source_(source) {}

  XmlElement parse() {
    if (rest_.starts_with("\xEF\xBB\xBF")) advance(3);
    if (rest_.starts_with("<?xml ")) take_to("?>");
    while (!rest_.empty()) {
      if (rest_.starts_with("<!--")) {
        take_to("-->");
      } else if (rest_.starts_with("</")) {
        close();
      } else if (rest_.front() == '<') {
        open();
      } else {
        text();
      }
    }
    if (!open_.empty()) fail(cat("<", open_.back().name, "> of line ", open_.back().line, " is not closed"));
    if (root_.name.empty()) fail("holds no XML element");
    return std::move(root_);
  }

 private:
  [[noreturn]] void fail(const std::string& reason) const { throw DataError(cat(source_, ":", line_, ": ", reason)); }

  std::string_view advance(std::size_t count) {
    const std::string_view taken = rest_.substr(0, count);
    line_ += std::count(taken.begin(), taken.end(), '\n');
    rest_.remove_prefix(taken.size());
    return taken;
  }

  /// What stands before `end`, which is passed too.
  std::string_view take_to(std::string_view end) {
    const std::size_t at = rest_.find(end);
    if (at == std::string_view::npos) fail(cat("the XML ends before \"", end, "\""));
    const std::string_view taken = advance(at);
    advance(end.size());
    return taken;
  }

  void skip_blank() { advance(std::min(rest_.find_first_not_of(kBlank), rest_.size())); }

  std::string name() {
    const std::size_t end = std::min(rest_.find_first_of(" \t\r\n=/<>\"'&!?"), rest_.size());
    if (end == 0) fail("expected a name in a tag of XML");
    return std::string(advance(end));
  }

  void open() {
    XmlElement element;
    element.line = line_;
    advance(1);
    if (!root_.name.empty()) fail("a second root element");
    if (open_.size() >= kMaxDepth) fail(cat("elements nest deeper than ", kMaxDepth, " levels"));
    element.name = name();
    skip_blank();
    while (!rest_.empty() && rest_.front() != '>' && rest_.front() != '/') {
      std::string key = name();
      skip_blank();
      if (rest_.empty() || advance(1) != "=") fail(cat("expected = after the attribute ", key));
      skip_blank();
      const std::string_view quote = advance(1);
      if (quote != "\"" && quote != "'") fail(cat("the value of the attribute ", key, " is not quoted"));
      element.attributes.emplace_back(std::move(key), decoded(take_to(quote)));
      skip_blank();
    }
    const bool empty = rest_.starts_with("/>");
    take_to(empty ? "/>" : ">");
    open_.push_back(std::move(element));
    if (empty) finish();
  }

  void close() {
    advance(2);
    const std::string closed = name();
    skip_blank();
    if (open_.empty()) fail(cat("</", closed, "> closes nothing"));
    if (open_.back().name != closed)
      fail(cat("</", closed, "> stands where <", open_.back().name, "> of line ", open_.back().line, " is open"));
    if (advance(1) != ">") fail(cat("expected > after </", closed));
    finish();
  }

  void finish() {
    XmlElement element = std::move(open_.back());
    open_.pop_back();
    if (open_.empty()) {
      root_ = std::move(element);
    } else {
      open_.back().children.push_back(std::move(element));
    }
  }

  void text() {
    const std::string_view raw = rest_.substr(0, rest_.find('<'));
    if (open_.empty() && !trimmed(raw).empty()) fail("text outside of the root element");
    if (!open_.empty()) open_.back().text += decoded(raw);
    advance(raw.size());
  }

  std::string decoded(std::string_view raw) const {
    std::string result;
    while (!raw.empty()) {
      const std::size_t plain = std::min(raw.find('&'), raw.size());
      result += raw.substr(0, plain);
      raw.remove_prefix(plain);
      if (raw.empty()) break;
      const std::size_t end = raw.find(';');
      if (end == std::string_view::npos) fail("an & begins no entity; write &amp;");
      result += entity(raw.substr(1, end - 1));
      raw.remove_prefix(end + 1);
    }
    return result;
  }

  std::string entity(std::string_view name) const {
    static const std::pair<std::string_view, const char*> kNamed[] = {
        {"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"quot", "\""}, {"apos", "'"}};
    for (const auto& [known, character] : kNamed) {
      if (name == known) return character;
    }
    const bool hexadecimal = name.starts_with("#x");
    const std::string_view digits = name.substr(std::min<std::size_t>(hexadecimal ? 2 : 1, name.size()));
    uint32_t code = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), code, hexadecimal ? 16 : 10);
    const bool surrogate = code >= 0xD800 && code < 0xE000;
    if (!name.starts_with('#') || error != std::errc() || end != digits.data() + digits.size() || code == 0 ||
        code > 0x10FFFF || surrogate) {
      fail(cat("the entity &", name.substr(0, 20), "; is not known"));
    }
    return encode_utf8(std::u32string(1, static_cast<char32_t>(code)));
  }

  std::string_view rest_;
  const std::string& source_;
  int64_t line_ = 1;
  std::vector<XmlElement> open_;
  XmlElement root_;
};

}  // namespace

const std::string* XmlElement::attribute(std::string_view wanted) const {
  const auto found = std::find_if(attributes.begin(), attributes.end(),
                                  [&](const auto& attribute) { return attribute.first == wanted; });
  return found == attributes.end() ? nullptr : &found->second;
}

XmlElement parse_xml(std::string_view bytes, const std::string& source) { return XmlParser(bytes, source).parse(); }

}  // namespace hiddenkey
