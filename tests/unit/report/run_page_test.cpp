#include "report/run_page.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using testing::HasSubstr;

class RunPage : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / cat("run_page_", ::getpid());
    write("a/metrics.jsonl", R"({"type": "step", "step": 10, "epoch": 0.5, "loss": 0.7})");
  }
  void TearDown() override { fs::remove_all(root_); }

  void write(const fs::path& name, const std::string& text) {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << text;
  }

  Json run(const char* name = "a") { return run_page_data({root_ / name})["runs"][0]; }

  fs::path root_;
};

TEST_F(RunPage, ShowsARunThatHasNotComeToItsEnd) {
  write("a/config.yaml",
        "# hiddenkey\nlora:\n  r: 8\n  target_modules: [query, value]\nconsistency:\n  loss: null  # none\n");
  const Json json = run();
  EXPECT_EQ(json["name"], "a");
  EXPECT_EQ(json["steps_per_epoch"], 20);
  EXPECT_EQ(json["settings"], Json({{"lora.r", "8"}, {"lora.target_modules", "[query, value]"}}));
  EXPECT_TRUE(json["result"].is_null());
  EXPECT_EQ(json["predictions"], Json::array());
  EXPECT_EQ(json["generations"], Json::array());
}

TEST_F(RunPage, CountsWhatWasTakenForWhat) {
  write("a/adapter/hiddenkey.json", R"({"task": {"kind": "classification", "labels": ["no", "yes", "never"]}})");
  write("a/predictions-dev.tsv",
        "id\tlabel\tprediction\tscores\n0\tyes\tyes\t[]\n1\tyes\tno\t[]\n2\tno\tno\t[]\nbroken\n3\t\tno\t[]\n");
  const Json json = run()["predictions"][0];
  EXPECT_EQ(json["split"], "dev");
  EXPECT_EQ(json["damaged"], 1);
  EXPECT_EQ(json["labels"], Json({"no", "yes", "never"}));
  EXPECT_EQ(json["counts"].dump(), "[[0,0,1],[1,0,1],[1,1,1]]");
}

TEST_F(RunPage, CountsTheTagsOfTheWordsThatWereRead) {
  write("a/adapter/hiddenkey.json", R"({"task": {"kind": "token_classification", "labels": ["B-X", "O"]}})");
  write("a/predictions-dev.tsv",
        "id\tword\ttag\tprediction\tscore\n0\ta\tO\tB-X\t0.5\n0\tb\tO\tO\t0.5\n0\tc\tO\t\t\n0\td\tO\n");
  const Json json = run()["predictions"][0];
  EXPECT_EQ(json["damaged"], 1);
  EXPECT_EQ(json["counts"].dump(), "[[1,0,1],[1,1,1]]");
}

TEST_F(RunPage, OfSeveralLabelsAnExampleNoneIsTakenForAnother) {
  write("a/adapter/hiddenkey.json", R"({"task": {"kind": "multi_label_classification", "labels": ["a", "b"]}})");
  write("a/predictions-dev.tsv", "id\tlabel\tprediction\tscores\n0\ta,b\ta\t[0.7, 0.2]\n");
  EXPECT_EQ(run()["predictions"], Json::array());
}

TEST_F(RunPage, PairsTheLabelsOfARegressionWithItsPredictions) {
  write("a/model/hiddenkey.json", R"({"task": {"kind": "regression"}})");
  write("a/predictions-dev.tsv", "id\tlabel\tprediction\tscores\n0\t4.5\t4.25\t[4.25]\n1\t\t1\t[1]\n");
  const Json json = run()["predictions"][0];
  EXPECT_EQ(json["pairs"].dump(), "[[4.5,4.25]]");
  EXPECT_EQ(json["examples"], 2);
}

TEST_F(RunPage, TakesSomeOfTheTexts) {
  std::string lines;
  for (int i = 0; i < 100; ++i)
    lines += cat(R"({"id": "i)", i, R"(", "prompt": "p", "text": "t", "references": []})", "\n");
  write("a/generations-dev.jsonl", lines + "{broken");
  const Json json = run()["generations"];
  EXPECT_LE(json.size(), 12U);
  EXPECT_GE(json.size(), 10U);
  EXPECT_EQ(json[0]["id"], "i0");
}

TEST_F(RunPage, IsOfRunsThatHaveMeasuredSomething) {
  fs::create_directories(root_ / "empty");
  try {
    run("empty");
    FAIL();
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("empty: holds no run that has measured anything"));
  }
}

TEST_F(RunPage, TellsRunsOfTheSameNameApart) {
  write("b/a/metrics.jsonl", R"({"type": "step", "step": 10, "loss": 0.7})");
  const Json json = run_page_data({root_ / "a", root_ / "b" / "a" / ""});
  EXPECT_EQ(json["runs"][0]["name"], (root_ / "a").string());
  EXPECT_EQ(run("b/a")["name"], "a");
}

}  // namespace
}  // namespace hiddenkey
