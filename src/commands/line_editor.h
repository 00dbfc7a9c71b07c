#pragma once

#include <memory>
#include <optional>
#include <string>

namespace hiddenkey {

/// Asks for lines at the terminal that is stdin. A line can be edited, and the ones before it come back with the arrow
/// keys. What is shown goes to stderr.
class LineEditor {
 public:
  explicit LineEditor(std::string prompt);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  /// The next line without its end; nothing where the input ends.
  std::optional<std::string> read();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace hiddenkey
