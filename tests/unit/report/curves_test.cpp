#include "report/curves.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>

#include "core/text.h"

namespace hiddenkey {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class Curves : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / cat("curves_", ::getpid());
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  RunCurves read(const std::string& lines) {
    std::ofstream(folder_ / "metrics.jsonl") << lines;
    return read_curves(folder_);
  }

  fs::path folder_;
};

TEST_F(Curves, AreReadByTheirNames) {
  const RunCurves curves = read(
      R"({"type": "step", "step": 10, "epoch": 0.5, "loss": 0.7, "lr": 0.1, "tokens": 9}
{"type": "step", "step": 20, "epoch": 1.0, "loss": null, "lr": 0.05, "tokens": 9}
{"type": "eval", "step": 20, "split": "dev", "loss": 0.6, "accuracy": 0.5}
{"type": "eval", "step": 20, "split": "dev_mismatched", "loss": 0.8, "accuracy": 0.25}
{"type": "generation", "step": 20, "split": "dev", "prompts": 3, "bleu": 12.5, "seconds": 3}
)");
  EXPECT_EQ(curves.damaged, 0U);
  EXPECT_EQ(curves.steps_per_epoch, 20);
  std::vector<std::string> training, evaluation;
  for (const Curve& curve : curves.training) training.push_back(curve.name);
  for (const Curve& curve : curves.evaluation) evaluation.push_back(curve.name);
  EXPECT_THAT(training, ElementsAre("loss", "lr"));
  EXPECT_THAT(evaluation, ElementsAre("loss", "accuracy", "dev_mismatched/loss", "dev_mismatched/accuracy", "bleu"));
  EXPECT_THAT(find_curve(curves.training, "loss")->steps, ElementsAre(10));
  EXPECT_THAT(find_curve(curves.training, "lr")->values, ElementsAre(0.1, 0.05));
  EXPECT_THAT(find_curve(curves.evaluation, "dev_mismatched/accuracy")->values, ElementsAre(0.25));
  EXPECT_EQ(find_curve(curves.training, "accuracy"), nullptr);
}

TEST_F(Curves, SkipDamagedLinesAndCountThem) {
  const RunCurves curves = read(
      "{\"type\": \"step\", \"step\": 10, \"loss\": 0.7}\n\n[1]\n{\"type\": \"step\", \"step\": \"x\"}\n"
      "{\"type\": \"later\", \"step\": 1}\n{\"type\": \"step\", \"st");
  EXPECT_EQ(curves.damaged, 3U);
  EXPECT_EQ(curves.training.size(), 1U);
  fs::remove(folder_ / "metrics.jsonl");
  EXPECT_THAT(read_curves(folder_).training, IsEmpty());
}

TEST_F(Curves, AreThinnedByMeansOfNeighbours) {
  const Curve thin = thinned({"loss", {1, 2, 3, 4, 5}, {1, 3, 5, 7, 20}}, 3);
  EXPECT_THAT(thin.steps, ElementsAre(1.5, 3.5, 5));
  EXPECT_THAT(thin.values, ElementsAre(2, 6, 20));
  EXPECT_THAT(thinned({"loss", {1, 2}, {1, 3}}, 2).values, ElementsAre(1, 3));
}

TEST_F(Curves, HaveAMeanOverThoseThatHaveGotSoFar) {
  const Curve mean = mean_curve({{"a", {1, 2, 3}, {1, 2, 3}}, {"b", {1, 2}, {3, 4}}});
  EXPECT_THAT(mean.steps, ElementsAre(1, 2, 3));
  EXPECT_THAT(mean.values, ElementsAre(2, 3, 3));
}

}  // namespace
}  // namespace hiddenkey
