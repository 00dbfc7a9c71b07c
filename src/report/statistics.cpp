#include "report/statistics.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>

namespace hiddenkey {
namespace {

constexpr double kConfidence = 0.95;

/// Twice the rank of each size, so that the mean of two neighbouring ranks is a whole number too.
std::vector<int64_t> doubled_ranks(const std::vector<double>& sizes) {
  std::vector<int64_t> ranks;
  for (const double size : sizes) {
    const auto is_less = [&](double other) { return other < size; };
    const auto is_equal = [&](double other) { return other == size; };
    const auto less = std::count_if(sizes.begin(), sizes.end(), is_less);
    const auto equal = std::count_if(sizes.begin(), sizes.end(), is_equal);
    ranks.push_back(2 * less + equal + 1);
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

std::optional<PairedT> paired_t(const std::vector<double>& differences, double shared) {
  const std::optional<double> deviation = sample_deviation(differences);
  if (!deviation || *deviation == 0) return std::nullopt;
  const auto count = static_cast<double>(differences.size());
  const double middle = mean(differences), error = *deviation * std::sqrt(1 / count + shared);
  const boost::math::students_t student(count - 1);
  const double reach = boost::math::quantile(student, (1 + kConfidence) / 2) * error;
  const double tail = boost::math::cdf(boost::math::complement(student, std::abs(middle / error)));
  return PairedT{middle - reach, middle + reach, 2 * tail};
}

double sign_flip_p(const std::vector<int64_t>& differences) {
  std::size_t total = 0, positive = 0;
  for (const int64_t difference : differences) {
    total += static_cast<std::size_t>(std::abs(difference));
    positive += static_cast<std::size_t>(std::max<int64_t>(difference, 0));
  }
  // share[s]: of all choices of signs, those whose positive numbers sum up to s.
  std::vector<double> share(total + 1, 0.0);
  share[0] = 1;
  std::size_t reached = 0;
  for (const int64_t difference : differences) {
    const auto size = static_cast<std::size_t>(std::abs(difference));
    if (size == 0) continue;
    reached += size;
    for (std::size_t sum = reached + 1; sum-- > size;) share[sum] = (share[sum] + share[sum - size]) / 2;
    for (std::size_t sum = size; sum-- > 0;) share[sum] /= 2;
  }
  const std::size_t smaller = std::min(positive, total - positive);
  const double tail = std::accumulate(share.begin(), share.begin() + static_cast<std::ptrdiff_t>(smaller) + 1, 0.0);
  return std::min(1.0, 2 * tail);
}

std::optional<double> signed_rank_p(const std::vector<double>& differences) {
  std::vector<double> sizes;
  std::vector<int64_t> signs;
  for (const double difference : differences) {
    if (difference == 0) continue;
    sizes.push_back(std::abs(difference));
    signs.push_back(difference > 0 ? 1 : -1);
  }
  if (sizes.empty()) return std::nullopt;
  const std::vector<int64_t> ranks = doubled_ranks(sizes);
  for (std::size_t i = 0; i < ranks.size(); ++i) signs[i] *= ranks[i];
  return sign_flip_p(signs);
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
