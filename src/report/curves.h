#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace hiddenkey {

/// A line of a figure: a number, and the step after which it was so.
struct Curve {
  std::string name;
  std::vector<double> steps, values;
};

/// What a run's metrics.jsonl holds.
struct RunCurves {
  std::vector<Curve> training;    ///< of the lines of steps: "loss", "consistency", "lr" and so on
  std::vector<Curve> evaluation;  ///< "loss", "accuracy"; of splits after the first "SPLIT/NAME"
  double steps_per_epoch = 0;     ///< 0 where no line tells
  std::size_t damaged = 0;        ///< lines that were skipped
};

/// Nothing at all where the folder has no such file. What is null there (NaN, Inf) is left out.
RunCurves read_curves(const std::filesystem::path& run);

/// nullptr where there is none.
const Curve* find_curve(const std::vector<Curve>& curves, const std::string& name);

/// At most so many points; each stands for as many neighbours, at their mean step with their mean value.
Curve thinned(const Curve& curve, std::size_t most);

/// At each step the mean over the curves that have got so far.
Curve mean_curve(const std::vector<Curve>& curves);

}  // namespace hiddenkey
