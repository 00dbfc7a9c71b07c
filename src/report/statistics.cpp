#include "report/statistics.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>

namespace hiddenkey {
namespace {

constexpr double kConfidence = 0.95;

/// Twice the rank of each size, so that the mean of two neighbouring ranks is a whole number too.
std::vector<std::size_t> doubled_ranks(const std::vector<double>& sizes) {
  std::vector<std::size_t> ranks;
  for (const double size : sizes) {
    const auto is_less = [&](double other) { return other < size; };
    const auto is_equal = [&](double other) { return other == size; };
    const auto less = std::count_if(sizes.begin(), sizes.end(), is_less);
    const auto equal = std::count_if(sizes.begin(), sizes.end(), is_equal);
    ranks.push_back(static_cast<std::size_t>(2 * less + equal + 1));
  }
  return ranks;
}

}  // namespace

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

std::optional<double> sample_deviation(const std::vector<double>& values) {
  if (values.size() < 2) return std::nullopt;
  const double middle = mean(values);
  double sum = 0;
  for (const double value : values) sum += (value - middle) * (value - middle);
  return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

std::optional<PairedT> paired_t(const std::vector<double>& differences) {
  const std::optional<double> deviation = sample_deviation(differences);
  if (!deviation || *deviation == 0) return std::nullopt;
  const auto count = static_cast<double>(differences.size());
  const double middle = mean(differences), error = *deviation / std::sqrt(count);
  const boost::math::students_t student(count - 1);
  const double reach = boost::math::quantile(student, (1 + kConfidence) / 2) * error;
  const double tail = boost::math::cdf(boost::math::complement(student, std::abs(middle / error)));
  return PairedT{middle - reach, middle + reach, 2 * tail};
}

std::optional<double> signed_rank_p(const std::vector<double>& differences) {
  std::vector<double> sizes;
  std::vector<bool> positive;
  for (const double difference : differences) {
    if (difference == 0) continue;
    sizes.push_back(std::abs(difference));
    positive.push_back(difference > 0);
  }
  if (sizes.empty()) return std::nullopt;
  const std::vector<std::size_t> ranks = doubled_ranks(sizes);
  const std::size_t total = std::accumulate(ranks.begin(), ranks.end(), std::size_t{0});
  // share[s]: of all choices of signs, those whose positive ranks sum up to s.
  std::vector<double> share(total + 1, 0.0);
  share[0] = 1;
  for (const std::size_t rank : ranks) {
    for (std::size_t sum = total + 1; sum-- > 0;)
      share[sum] = (share[sum] + (sum < rank ? 0.0 : share[sum - rank])) / 2;
  }
  std::size_t sum = 0;
  for (std::size_t i = 0; i < ranks.size(); ++i) sum += positive[i] ? ranks[i] : 0;
  const std::size_t smaller = std::min(sum, total - sum);
  const double tail = std::accumulate(share.begin(), share.begin() + static_cast<std::ptrdiff_t>(smaller) + 1, 0.0);
  return std::min(1.0, 2 * tail);
}

std::vector<std::optional<double>> holm(const std::vector<std::optional<double>>& p) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (p[i]) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return *p[a] < *p[b]; });
  std::vector<std::optional<double>> corrected(p.size());
  double most = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    most = std::max(most, std::min(1.0, *p[order[i]] * static_cast<double>(order.size() - i)));
    corrected[order[i]] = most;
  }
  return corrected;
}

}  // namespace hiddenkey
