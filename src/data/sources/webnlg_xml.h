#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace hiddenkey {

/// One entry of WebNLG.
struct WebnlgEntry {
  std::string category;
  std::vector<std::string> triples;  ///< "subject : property : object"
  std::vector<std::string> texts;    ///< the lexicalisations that are marked good
};

/// The entries of one of WebNLG's XML files. DataError with the line for what is no XML, or lacks something.
std::vector<WebnlgEntry> read_webnlg_xml(const std::filesystem::path& file);

}  // namespace hiddenkey
