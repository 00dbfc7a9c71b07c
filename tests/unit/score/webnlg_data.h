#pragma once

#include <optional>

#include "score/references.h"
#include "unit/score/shared_data.h"

namespace hiddenkey {

/// A system's output of WebNLG 2017 with up to four references; nothing where the data is not there.
inline std::optional<std::vector<Segment>> webnlg_golden() {
  const fs::path golden = shared_data() / "webnlg" / "golden";
  if (!fs::is_directory(golden)) return std::nullopt;
  const References references = read_parallel_references(
      {golden / "reference0", golden / "reference1", golden / "reference2", golden / "reference3"});
  std::vector<Segment> segments = make_segments(read_hypotheses(golden / "hypothesis"), references, "hypothesis");
  count_missing_references(segments);
  return segments;
}

}  // namespace hiddenkey
