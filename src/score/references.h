#pragma once

#include <string>
#include <vector>

#include "core/file.h"
#include "score/metric.h"

namespace hiddenkey {

/// For each input, what people wrote for it.
using References = std::vector<std::vector<std::string>>;

// All throw DataError with the file, and the line where there is one; a file without text is one. CRLF and a byte order
// mark are accepted; invalid UTF-8 becomes U+FFFD.

/// One text a line, an empty line being an empty text; or from a name that ends in .jsonl the "text" of each object.
std::vector<std::string> read_hypotheses(const fs::path& path);

/// The E2E challenge's references in one of three forms: the data set's CSV with the columns mr and ref, loralib's
/// lines `mr||ref` (rows of one mr are one input, in the order of first appearance), or one reference a line with an
/// empty line between inputs; without any empty line each line is an input of its own.
References read_grouped_references(const fs::path& path);

/// Several files whose lines belong together; an empty line is a reference that is missing. Each input needs one.
References read_parallel_references(const std::vector<fs::path>& paths);

/// Of parallel files: notes how many references fewer than the most each segment has.
void count_missing_references(std::vector<Segment>& segments);

/// Pairs what belongs together. DataError, naming `path`, where the numbers differ.
std::vector<Segment> make_segments(const std::vector<std::string>& hypotheses, const References& references,
                                   const fs::path& path);

}  // namespace hiddenkey
