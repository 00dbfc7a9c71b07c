#pragma once

#include <string>
#include <vector>

#include "score/metric.h"

namespace hiddenkey {

/// A metric that is the mean of its segments' scores.
Metric mean_metric(const std::string& name, std::vector<double> scores);

}  // namespace hiddenkey
