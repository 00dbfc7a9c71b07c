#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hiddenkey {

struct XmlElement {
  std::string name;
  int64_t line = 0;  ///< of its start tag, from 1
  std::vector<std::pair<std::string, std::string>> attributes;
  std::string text;  ///< what stands in it outside of its children
  std::vector<XmlElement> children;

  /// nullptr where it has none of that name.
  const std::string* attribute(std::string_view wanted) const;
};

/// The root of a document. DataError with the line for what is not well formed, a document type, and elements that nest
/// deeper than 32.
XmlElement parse_xml(std::string_view bytes, const std::string& source);

}  // namespace hiddenkey
