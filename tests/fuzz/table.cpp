#include "data/table.h"

#include "data/labels.h"
#include "fuzz_input.h"

// The first byte says what the others are: t, c, j and x are the formats, and a capital means no header and broken rows
// that are passed over.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hiddenkey;
  return fuzz::read(data, size, [](std::string_view bytes) {
    constexpr std::string_view kLetters = "tcjxTCJX";
    const std::size_t letter = bytes.empty() ? std::string_view::npos : kLetters.find(bytes[0]);
    if (letter == std::string_view::npos) return;
    const bool plain = letter < 4;
    const Table table = parse_table(bytes.substr(1), "table", static_cast<TableFormat>(letter % 4), plain,
                                    plain ? BrokenRows::kRefuse : BrokenRows::kSkip);
    if (!table.columns.empty()) labels_in(table, table.columns.back(), TaskKind::kClassification);
  });
}
