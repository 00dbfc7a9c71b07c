#pragma once

#include <string>
#include <string_view>

namespace hiddenkey {

/// What is wrong with a serialized SentencePiece model that the library does not look at: it trusts the tables of the
/// normalizers (precompiled_charsmap), and reads out of bounds where one is damaged. Empty where nothing is wrong.
std::string sentence_piece_fault(std::string_view model);

}  // namespace hiddenkey
