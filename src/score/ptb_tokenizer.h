#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hiddenkey {

/// The tokens of one line as Stanford's PTBTokenizer 3.4.1 gives them with -preserveLines -lowerCase: Penn Treebank
/// tokens ("do n't", "`` a ''", "-lrb-", "#" for a pound sign), in lower case. Held against the tokenizer itself; not
/// followed are its rules for SGML entities other than &amp; and &quot;. A period that ends the line after an
/// abbreviation is given twice, as before a line that begins with a capital. Invalid UTF-8 is dropped, as are
/// characters that the tokenizer does not know.
std::vector<std::string> ptb_tokens(std::string_view line);

/// The same without the 17 tokens of punctuation that the metrics of captions leave out. The lowercased "-lrb-" and its
/// like stay: the list has them in capitals.
std::vector<std::string> ptb_words(std::string_view line);

}  // namespace hiddenkey
