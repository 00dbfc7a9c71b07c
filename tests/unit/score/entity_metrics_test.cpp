#include <gmock/gmock.h>

#include "unit/score/class_goldens.h"

namespace hiddenkey {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct TagCase {
  explicit TagCase(const nlohmann::json& golden)
      : tags(golden.at("tags").get<std::vector<std::string>>()),
        predicted(golden.at("predicted").get<std::vector<std::vector<int>>>()),
        real(golden.at("real").get<std::vector<std::vector<int>>>()) {}

  std::vector<std::string> tags;
  std::vector<std::vector<int>> predicted, real;
};

TEST(Entities, AreSeqevalsAlsoOfBrokenSequences) {
  for (const nlohmann::json& golden : class_goldens("tags")) {
    const TagCase given(golden);
    const EntityTags reader(given.tags);
    for (std::size_t i = 0; i < given.real.size(); ++i) {
      nlohmann::json found = nlohmann::json::array();
      for (const Entity& entity : reader.entities(given.real[i]))
        found.push_back({entity.first, entity.last, reader.types()[entity.type]});
      EXPECT_EQ(found, golden.at("entities")[i]) << golden.at("tags") << golden.at("real")[i];
    }
  }
}

TEST(Entities, TagsThatNoSchemeHasAreNamed) {
  EXPECT_THAT(EntityTags({"O", "B-PER", "I-PER", "S-a", "E-a", "B"}).unusual(), IsEmpty());
  EXPECT_THAT(EntityTags({"O", "L-PER", "NOUN", "BB-x", "OTHER", ""}).unusual(),
              ElementsAre("L-PER", "NOUN", "BB-x", "OTHER", ""));
}

TEST(EntityMetrics, EqualSeqevals) {
  for (const nlohmann::json& golden : class_goldens("tags")) {
    const TagCase given(golden);
    const EntityTags reader(given.tags);
    EntityTally tally(reader);
    for (std::size_t i = 0; i < given.real.size(); ++i) tally.add(reader, given.predicted[i], given.real[i]);
    for (const std::string& name : entity_metric_names())
      expect_metric(entity_metric(name, tally), golden.at("metrics").at(name), name);
  }
}

TEST(EntityReport, EqualsSeqevals) {
  for (const nlohmann::json& golden : class_goldens("tags")) {
    const TagCase given(golden);
    const ClassReport report = entity_report(given.tags, given.predicted, given.real);
    expect_rows(report.rows, golden.at("rows"));
    expect_averages(report.averages, golden.at("metrics"));
    for (std::size_t i = 0; i < report.rows.size(); ++i) EXPECT_EQ(report.rows[i].name, golden.at("types")[i]);
  }
}

TEST(EntityReport, TheBaselineIsTheCommonestTag) {
  const Baseline baseline = entity_report({"O", "B"}, {{0, 0, 0}, {1}}, {{0, 1, 0}, {0}}).baseline;
  EXPECT_EQ(baseline.answer, "O");
  EXPECT_EQ(baseline.accuracy, 0.75);
}

TEST(EntityTally, WhatIsTakenAwayAgainLeavesNothing) {
  const EntityTags reader({"O", "B-a", "I-a"});
  EntityTally all(reader), one(reader), other(reader);
  one.add(reader, {0, 1, 2}, {0, 1, 0});
  other.add(reader, {1, 1}, {1, 2});
  all += one;
  all += other;
  all -= other;
  for (const std::string& name : entity_metric_names())
    EXPECT_DOUBLE_EQ(entity_metric(name, all), entity_metric(name, one)) << name;
}

}  // namespace
}  // namespace hiddenkey
