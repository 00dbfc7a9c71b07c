#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/file.h"

namespace hiddenkey::cuda {

/// Compiled kernels from earlier runs. A folder that is full, read-only or damaged costs a compilation and no more.
class CubinCache {
 public:
  /// An empty path is no folder: everything is compiled.
  explicit CubinCache(fs::path folder) : folder_(std::move(folder)) {}

  /// What `make` gave for the same `parts` (source, options, compiler), in this run or an earlier one.
  std::string get(const std::vector<std::string>& parts, const std::function<std::string()>& make) const;

  /// Where that is kept: the cubin, with its own SHA-256 in hexadecimal behind it.
  fs::path file_of(const std::vector<std::string>& parts) const;

 private:
  fs::path folder_;
};

/// The cache of this user; without a folder where there is no home. Warnings are given once a process.
CubinCache user_cubin_cache();

}  // namespace hiddenkey::cuda
