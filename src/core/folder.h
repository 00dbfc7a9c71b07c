#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/file.h"

namespace hiddenkey {

/// Whether a file or folder is there, links followed; false where that cannot be found out.
bool path_exists(const fs::path& path);

/// Writes a folder whole or not at all. `write` fills a fresh folder beside `place`, which then takes that name in one
/// step. Where `place` is a folder already, it is replaced; what is in it under names that the new folder has not stays
/// there. On a failure `place` is as it was, the fresh folder is removed, and the exception goes on.
void write_folder_atomically(const fs::path& place, const std::function<void(const fs::path& unfinished)>& write);

/// What a file or folder was to be called whose name is that of an unfinished write, as a killed process leaves it
/// behind; empty for every other name.
std::string name_of_unfinished(const std::string& file_name);

/// The right of this process alone to write into a folder, for as long as the object lives.
class FolderClaim {
 public:
  /// Makes the folder and its parents where they are missing. ConfigError where another process holds the claim or the
  /// folder is the root; IoError where the folder cannot be made or written to.
  explicit FolderClaim(const fs::path& folder);
  /// Removes the folders that it made and that are still empty.
  ~FolderClaim();
  FolderClaim(const FolderClaim&) = delete;
  FolderClaim& operator=(const FolderClaim&) = delete;

 private:
  void make_folders();
  bool lock();
  void remove_empty();

  fs::path folder_;
  std::vector<fs::path> made_;  ///< outermost first
  int lock_ = -1;
};

}  // namespace hiddenkey
