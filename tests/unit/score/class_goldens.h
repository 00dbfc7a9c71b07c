#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "core/file.h"
#include "score/class_report.h"

namespace hiddenkey {

/// The cases of one kind that scripts/make_class_goldens.py has made with scikit-learn 1.9.1 and seqeval 1.2.2.
inline nlohmann::json class_goldens(const char* kind) {
  return nlohmann::json::parse(read_file("tests/unit/score/class_goldens.json")).at(kind);
}

/// Both sides compute in float64 from whole numbers.
constexpr double kExactMetric = 1e-12;

/// A null of the goldens is a NaN.
inline void expect_metric(double found, const nlohmann::json& golden, const std::string& name) {
  if (golden.is_null()) {
    EXPECT_TRUE(std::isnan(found)) << name << " is " << found;
  } else {
    EXPECT_NEAR(found, golden.get<double>(), kExactMetric) << name;
  }
}

/// Rows of precision, recall, F1 and support.
inline void expect_rows(const std::vector<ReportRow>& rows, const nlohmann::json& goldens) {
  ASSERT_EQ(rows.size(), goldens.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::vector<double> found = {rows[i].precision, rows[i].recall, rows[i].f1, rows[i].support};
    for (std::size_t k = 0; k < found.size(); ++k) expect_metric(found[k], goldens[i][k], rows[i].name);
  }
}

/// The averages of a report are the metrics of the same names.
inline void expect_averages(const std::vector<ReportRow>& averages, const nlohmann::json& metrics) {
  for (const ReportRow& row : averages) {
    expect_metric(row.precision, metrics.at("precision_" + row.name), row.name);
    expect_metric(row.recall, metrics.at("recall_" + row.name), row.name);
    expect_metric(row.f1, metrics.at("f1_" + row.name), row.name);
  }
}

}  // namespace hiddenkey
