#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/notes.h"

namespace hiddenkey {

/// Where the examples of a task come from: which file holds a split, and how it is read.
class Source {
 public:
  virtual ~Source() = default;

  /// The file of a split, or a folder of files; "" where there is no such split. It need not be there.
  virtual std::filesystem::path file(const std::string& split) const = 0;

  /// All examples of a split whose file is named. A classification whose labels are not known yet takes those of the
  /// training file into `task`. DataError with the line where something is wrong; what is taken all the same is noted.
  virtual std::vector<TextExample> read(const std::string& split, TaskInfo& task, Notes& notes) const = 0;
};

/// The source of the task that the config names, which must outlive it. ConfigError where nothing has that name.
std::unique_ptr<Source> open_source(const TaskConfig& config);

/// The file of one's own that the config names for a split; "" where it names none.
std::string named_file(const TaskConfig& config, const std::string& split);

// The sources, one file each.
std::unique_ptr<Source> open_table(const TaskConfig& config);       ///< GLUE's tables, and one's own
std::unique_ptr<Source> open_tagged(const TaskConfig& config);      ///< words and their tags
std::unique_ptr<Source> open_generation(const TaskConfig& config);  ///< prompts and completions of one's own
std::unique_ptr<Source> open_e2e(const TaskConfig& config);
std::unique_ptr<Source> open_webnlg(const TaskConfig& config);

}  // namespace hiddenkey
