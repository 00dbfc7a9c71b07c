#include "score/mean_metric.h"

#include <memory>
#include <utility>

namespace hiddenkey {

Metric mean_metric(const std::string& name, std::vector<double> scores) {
  const auto kept = std::make_shared<const std::vector<double>>(std::move(scores));
  Metric metric;
  metric.name = name;
  metric.over = [kept](std::span<const std::size_t> segments) {
    double sum = 0;
    for (const std::size_t segment : segments) sum += (*kept)[segment];
    return segments.empty() ? 0.0 : sum / static_cast<double>(segments.size());
  };
  return metric;
}

}  // namespace hiddenkey
