#include "report/study_page.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>

#include "core/text.h"
#include "report/summary.h"

namespace hiddenkey {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using testing::ElementsAre;

class StudyPage : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / cat("study_page_", ::getpid());
    fs::create_directories(folder_);
    study_.name = "made up";
    study_.metric = "accuracy";
    study_.compare_to = "base";
  }
  void TearDown() override { fs::remove_all(folder_); }

  Trial& add(const std::string& cell, int64_t seed, double accuracy) {
    Trial& trial = study_.trials.emplace_back();
    trial.name = cat(cell, ",seed=", seed);
    trial.cell = cell;
    trial.seed = seed;
    trial.settings = {{"lora.r", seed}};
    trial.state = TrialState::kDone;
    trial.metrics = {{"accuracy", accuracy}};
    trial.folder = folder_ / "trials" / trial.name;
    fs::create_directories(trial.folder);
    return trial;
  }

  Json data() { return study_page_data(study_, summarise(study_), main_effects(study_), folder_); }

  fs::path folder_;
  Study study_;
};

TEST_F(StudyPage, ShowsEachTrialWithItsPlaceAndWhatBecameOfIt) {
  add("base", 1, 0.5).seconds = 60;
  Trial& failed = add("other", 1, 0.5);
  failed.state = TrialState::kFailed;
  failed.error = "out of memory";
  failed.metrics = Json::object();
  std::ofstream(study_.trials[0].folder / "report.html") << "x";
  const Json json = data();
  const Json& first = json["trials"][0];
  EXPECT_EQ(first["folder"], "trials/base,seed=1");
  EXPECT_EQ(first["page"], true);
  EXPECT_EQ(first["state"], "done");
  EXPECT_EQ(first["seconds"], 60);
  EXPECT_EQ(first["settings"], Json({{"lora.r", 1}}));
  EXPECT_EQ(json["trials"][1]["state"], "failed");
  EXPECT_EQ(json["trials"][1]["error"], "out of memory");
  EXPECT_FALSE(json["trials"][1].contains("seconds"));
  EXPECT_EQ(json["compare_to"], 0);
  EXPECT_TRUE(json["cells"][1]["median"].is_null());
  EXPECT_EQ(json["shown"], Json::array({0}));
}

TEST_F(StudyPage, DrawsTheBestOfManyCellsAndTheOneThatIsComparedTo) {
  add("base", 1, 0.0);
  for (int cell = 1; cell < 60; ++cell) add(cat("cell ", cell), 1, 0.01 * cell);
  const auto shown = data()["shown"].get<std::vector<int>>();
  ASSERT_EQ(shown.size(), 40U);
  EXPECT_EQ(shown[0], 0);
  EXPECT_EQ(shown[1], 21);
  EXPECT_EQ(shown[39], 59);
  study_.higher_is_better = false;
  EXPECT_EQ(data()["shown"][39], 39);
  study_.compare_to = "";
  EXPECT_TRUE(data()["compare_to"].is_null());
}

TEST_F(StudyPage, HasCurvesOverEpochsThatAreMeansOverTheSeedsOfACell) {
  for (int seed = 1; seed <= 2; ++seed) {
    std::ofstream file(add("base", seed, 0.5).folder / "metrics.jsonl");
    file << R"({"type": "step", "step": 10, "epoch": 0.5, "loss": 9, "ce": )" << seed << "}\n"
         << R"({"type": "eval", "step": 20, "split": "dev", "loss": 1, "accuracy": )" << 0.25 * seed << "}\nno line\n";
  }
  const Json curves = data()["curves"];
  EXPECT_EQ(curves["damaged"], 2);
  EXPECT_EQ(curves["loss"], Json({{{"cell", 0}, {"seeds", 2}, {"x", {0.5}}, {"y", {1.5}}}}));
  EXPECT_EQ(curves["metric"], Json({{{"cell", 0}, {"seeds", 2}, {"x", {1.0}}, {"y", {0.375}}}}));
  EXPECT_EQ(curves["consistency"], Json::array());
}

}  // namespace
}  // namespace hiddenkey
