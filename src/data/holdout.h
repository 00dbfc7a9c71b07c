#pragma once

#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/notes.h"

namespace hiddenkey {

/// Whether the config holds a part of the training file out as the dev split.
bool has_holdout(const TaskConfig& config);

/// The split whose file holds the examples: train for a dev split that is held out of it.
std::string file_split(const TaskConfig& config, const std::string& split);

/// Which of the training file's examples are held out. Of a classification each part has as many of a class as the
/// others, give or take one; of a regression low and high scores alike; of a generation examples of one group stay
/// together. With `validation_split` the part has that share of all (rounded, at least one and not all); with `folds`
/// the parts are of one size, give or take one, and every example is in one of them. It depends on `split_seed` and the
/// examples' number, labels and groups alone.
/// DataError where a part would have no example, or fewer than there are classes; classes that not every fold can have
/// are noted.
std::vector<bool> held_out(const std::vector<TextExample>& examples, const TaskInfo& task, const TaskConfig& config,
                           Notes& notes);

/// The examples of the split, train or dev, in the file's order.
std::vector<TextExample> take_part(std::vector<TextExample> examples, const std::vector<bool>& held,
                                   const std::string& split);

}  // namespace hiddenkey
