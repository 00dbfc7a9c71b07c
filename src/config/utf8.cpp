#include "config/utf8.h"

#include <optional>

#include "core/utf8.h"

namespace hiddenkey {

void check_utf8(std::string_view bytes, const TreeBuilder& builder) {
  TreeBuilder::Mark mark{1, 1};
  for (std::size_t place = 0; place < bytes.size();) {
    const std::optional<char32_t> code = next_character(bytes, place);
    if (!code || *code == 0) builder.stop(mark, "is not valid UTF-8 text");
    mark = *code == U'\n' ? TreeBuilder::Mark{mark.line + 1, 1} : TreeBuilder::Mark{mark.line, mark.column + 1};
  }
}

}  // namespace hiddenkey
