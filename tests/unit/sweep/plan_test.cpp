#include "sweep/plan.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "core/text.h"

namespace hiddenkey {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kConfig =
    "config: {model: {path: m}, task: {name: rte, data_dir: d}, dropout: {scheme: hiddenkey}}\n";
const std::string kOutput = "output_dir: out\n";

class Plan : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / cat("sweep_plan_", ::getpid());
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  SweepPlan plan(const std::string& text, const std::vector<std::string>& overrides = {}) {
    std::ofstream(folder_ / "sweep.yaml") << text;
    problems_.clear();
    return plan_sweep(folder_ / "sweep.yaml", overrides, MissingFiles::kWarning, problems_);
  }

  /// The errors, without the file's name: ":2:5: key: text".
  std::vector<std::string> errors(const std::string& text, const std::vector<std::string>& overrides = {}) {
    plan(text, overrides);
    std::vector<std::string> lines;
    for (const Problem& problem : problems_) {
      std::string line = to_line(problem);
      const std::string file = (folder_ / "sweep.yaml").string();
      if (line.starts_with(file)) line.erase(0, file.size());
      if (problem.severity == Severity::kError) lines.push_back(line);
    }
    return lines;
  }

  std::vector<std::string> cells(const std::string& text, const std::vector<std::string>& overrides = {}) {
    const SweepPlan made = plan(text, overrides);
    for (const Problem& problem : problems_) {
      if (problem.severity == Severity::kError) ADD_FAILURE() << to_line(problem);
    }
    std::vector<std::string> names;
    for (const PlannedTrial& trial : made.trials) {
      if (names.empty() || names.back() != trial.cell) names.push_back(trial.cell);
    }
    return names;
  }

  fs::path folder_;
  Problems problems_;
};

TEST_F(Plan, TheFirstAxisMovesSlowestAndPairedKeysMoveTogether) {
  EXPECT_THAT(
      cells(kConfig + kOutput + "grid: {training.epochs: [1, 2]}\npaired: [{lora.r: [4, 8], lora.alpha: [8, 8]}]\n"),
      ElementsAre("epochs=1, r=4, alpha=8", "epochs=1, r=8, alpha=8", "epochs=2, r=4, alpha=8",
                  "epochs=2, r=8, alpha=8"));
}

TEST_F(Plan, EveryCellIsTrainedWithEverySeedInAFolderOfItsOwn) {
  const SweepPlan made = plan(kConfig + kOutput + "seeds: [7, 9]\ngrid: {dropout.logits.rate: [0.05, 0.2]}\n");
  ASSERT_EQ(made.trials.size(), 4U);
  EXPECT_EQ(made.trials[1].name, "logits.rate=0.05,seed=9");
  EXPECT_EQ(made.trials[1].seed, 9);
  EXPECT_EQ(made.trials[1].config.training.seed, 9);
  EXPECT_EQ(made.trials[3].config.dropout.positions[Position::kLogits].rate, 0.2);
  EXPECT_EQ(made.trials[3].settings.dump(), R"({"dropout.logits.rate":0.2})");
  EXPECT_TRUE(made.trials[3].config.output_dir.ends_with("out/trials/logits.rate=0.2,seed=9"));
}

TEST_F(Plan, WithoutAxesTheConfigItselfIsTheOneCell) {
  EXPECT_THAT(cells(kConfig + kOutput + "seeds: [1, 2, 3]\n"), ElementsAre("base"));
}

TEST_F(Plan, ExclusionComparesValuesAndNotTheirSpelling) {
  EXPECT_THAT(cells(kConfig + kOutput +
                    "grid: {dropout.logits.rate: [0.1, 0.2], training.epochs: [1, 2]}\n"
                    "exclude: [{dropout.logits.rate: 0.20, training.epochs: 2.0}]\n"),
              ElementsAre("logits.rate=0.1, epochs=1", "logits.rate=0.1, epochs=2", "logits.rate=0.2, epochs=1"));
  EXPECT_THAT(errors(kConfig + kOutput + "grid: {training.epochs: [1, 2]}\nexclude: [{training.epochs: 3}]\n"),
              ElementsAre(HasSubstr(":4:11: exclude: no cell has these settings")));
  EXPECT_THAT(errors(kConfig + kOutput + "grid: {training.epochs: [1, 2]}\nexclude: [{training.epoch: 1}]\n").front(),
              HasSubstr("did you mean \"training.epochs\"?"));
  EXPECT_THAT(errors(kConfig + kOutput + "grid: {training.epochs: [1, 2]}\nexclude: [{lora.r: 1}]\n"),
              ElementsAre(HasSubstr("exclude: lora.r: is no axis")));
}

TEST_F(Plan, AnAxisOverTheSchemeCarriesOnWhatOneOfThemLeavesOff) {
  const std::string text = kConfig + kOutput +
                           "grid:\n  dropout.scheme: [none, dropkey, hiddenkey]\n  dropout.logits.rate: [0.1, 0.2]\n"
                           "  consistency.weight: [0.5, 2]\n";
  EXPECT_THAT(
      cells(text),
      ElementsAre("scheme=none", "scheme=dropkey, logits.rate=0.1", "scheme=dropkey, logits.rate=0.2",
                  "scheme=hiddenkey, logits.rate=0.1, weight=0.5", "scheme=hiddenkey, logits.rate=0.1, weight=2",
                  "scheme=hiddenkey, logits.rate=0.2, weight=0.5", "scheme=hiddenkey, logits.rate=0.2, weight=2"));
  EXPECT_EQ(plan(text).merged, 5U);
}

TEST_F(Plan, FullFinetuningLeavesAdaptersOutWhoeverSetThem) {
  const std::string config =
      "config: {model: {path: m}, task: {name: rte, data_dir: d}, lora: {r: 4}, training: {epochs: 1}}\n";
  EXPECT_THAT(cells(config + kOutput + "grid: {method: [lora, full], lora.alpha: [8, 16]}\n"),
              ElementsAre("method=lora, alpha=8", "method=lora, alpha=16", "method=full"));
  EXPECT_THAT(cells(config + kOutput + "trials: [{name: all of it, method: full}]\n"), ElementsAre("all of it"));
}

TEST_F(Plan, AnAxisWithoutAPartInAnyTrialIsRefused) {
  const std::string config = "config: {model: {path: m}, task: {name: rte, data_dir: d}}\n";
  EXPECT_THAT(errors(config + kOutput + "grid: {consistency.weight: [1, 2]}\n"),
              ElementsAre(":3:8: consistency.weight: has no part in any trial: there is no consistency loss"));
}

TEST_F(Plan, EveryFaultIsToldAtOnceWithItsPlace) {
  const auto found = errors(kConfig + kOutput +
                            "grid:\n"
                            "  dropout.logits.rat: [0.1]\n"
                            "  training.epochs: []\n"
                            "  dropout: [1]\n"
                            "  training.seed: [1]\n"
                            "  lora.r: [4, many, -2]\n"
                            "  training.batch_size: [8, 8.0]\n"
                            "paired: [{training.weight_decay: [0, 0.1], training.warmup_ratio: [0.1]}]\n"
                            "workers: 0\nseed: 3\nfolds: 1\nseeds: [1, 1]\nhalving: {rungs: [0.5, 0.25], kep: 0.5}\n");
  const char* expected[] = {":4:3: dropout.logits.rat: unknown key (did you mean \"dropout.logits.rate\"?)",
                            ":5:20: training.epochs: the list of values is empty",
                            ":6:3: dropout: is a section; name a key in it, such as dropout.scheme",
                            ":7:3: training.seed: is set by the sweep's own key `seeds`",
                            ":8:15: lora.r: expected an integer, found \"many\"",
                            ":8:21: lora.r: -2 is out of range",
                            ":9:28: training.batch_size: \"8.0\" stands there twice",
                            "paired[0]: training.warmup_ratio has 1 values and training.weight_decay has 2",
                            "workers: 0 is out of range",
                            "seed: unknown key",
                            "folds: 1 is out of range",
                            ":15:18: halving.rungs: expected shares that rise",
                            "halving.kep: unknown key (did you mean \"keep\"?)",
                            "seeds: 1 stands there twice"};
  for (const char* line : expected) EXPECT_THAT(found, Contains(HasSubstr(line)));
  EXPECT_EQ(found.size(), std::size(expected)) << join(found, "\n");
}

TEST_F(Plan, AFaultOfTheConfigIsToldOnceHoweverManyTrialsHaveIt) {
  EXPECT_THAT(errors("config: {model: {path: m}, task: {name: rte, data_dir: d}, trainig: {}}\n" + kOutput +
                     "grid: {training.epochs: [1, 2, 3]}\n"),
              ElementsAre(HasSubstr(":1:60: trainig: unknown key (did you mean \"training\"?)")));
}

TEST_F(Plan, TwoCellsThatAreTheSameRunAreRefused) {
  EXPECT_THAT(errors(kConfig + kOutput +
                     "grid: {dropout.logits.rate: [0.1, 0.2]}\ntrials: [{name: same, dropout.logits.rate: 0.2}]\n"),
              ElementsAre(HasSubstr(":4:10: the cell \"same\" is the same run as \"logits.rate=0.2\"")));
  EXPECT_THAT(errors(kConfig + kOutput + "trials: [{name: a}, {name: a, training.epochs: 1}]\n"),
              Contains(HasSubstr("the name \"a\" stands there twice")));
}

TEST_F(Plan, ANamedCellIsTakenAsItStands) {
  EXPECT_THAT(errors(kConfig + kOutput + "trials: [{name: x, dropout.scheme: dropkey, dropout.hidden.rate: 0.3}]\n"),
              ElementsAre(HasSubstr(":3:66: dropout.hidden.rate: the scheme dropkey leaves this position off")));
}

TEST_F(Plan, TheCommandLineAddsReplacesAndFixesKeys) {
  const std::string text = kConfig + kOutput + "grid: {training.epochs: [1, 2]}\n";
  EXPECT_THAT(cells(text, {"lora.r=4,8"}),
              ElementsAre("epochs=1, r=4", "epochs=1, r=8", "epochs=2, r=4", "epochs=2, r=8"));
  EXPECT_THAT(cells(text, {"training.epochs=5,6"}), ElementsAre("epochs=5", "epochs=6"));
  EXPECT_THAT(cells(text, {"training.epochs=5"}), ElementsAre("base"));
  EXPECT_EQ(plan(text, {"training.batch_size=4"}).trials.front().config.training.batch_size, 4);
  EXPECT_THAT(cells(text, {"lora.target_modules=[query],[query,value]", "training.epochs=1"}),
              ElementsAre("target_modules=query", "target_modules=query+value"));
  EXPECT_EQ(plan(text, {"seeds=4,5", "workers=3"}).trials.size(), 4U);
  EXPECT_THAT(errors(text, {"lora.rr=1,2"}), ElementsAre(HasSubstr("override \"lora.rr=1,2\": lora.rr: unknown key")));
  EXPECT_THAT(errors(text, {"worker=2"}), ElementsAre(HasSubstr("(did you mean \"workers\"?)")));
}

TEST_F(Plan, TheFolderOfASweepIsAsGoodAsItsFile) {
  const SweepPlan first =
      plan(kConfig + kOutput + "seeds: [1, 2]\ntrials: [{name: a, lora.r: 4}]\n", {"training.epochs=1,2"});
  std::ofstream(folder_ / "again.yaml") << first.yaml;
  Problems problems;
  const SweepPlan again = plan_sweep(folder_ / "again.yaml", {}, MissingFiles::kWarning, problems);
  ASSERT_EQ(again.trials.size(), first.trials.size());
  for (std::size_t i = 0; i < first.trials.size(); ++i) {
    EXPECT_EQ(again.trials[i].name, first.trials[i].name);
    EXPECT_EQ(again.trials[i].digest, first.trials[i].digest);
  }
  EXPECT_EQ(again.yaml, first.yaml);
}

TEST_F(Plan, TheBaseLiesBesideItsSweepAndBelowTheInlineConfig) {
  std::ofstream(folder_ / "base.yaml")
      << "model: {path: m}\ntask: {name: rte, data_dir: d}\ndropout: {scheme: hiddenkey, "
         "logits: {rate: 0.3}}\noutput_dir: elsewhere\n";
  const SweepPlan made = plan("base: base.yaml\nconfig: {training: {epochs: 9}}\n" + kOutput +
                              "grid: {dropout.scheme: [hiddencut, dropkey]}\n");
  ASSERT_EQ(made.trials.size(), 2U);
  EXPECT_EQ(made.trials[0].config.training.epochs, 9);
  EXPECT_EQ(made.trials[0].config.dropout.positions[Position::kLogits].rate, 0);
  EXPECT_EQ(made.trials[1].config.dropout.positions[Position::kLogits].rate, 0.3);
  EXPECT_THAT(errors("base: none.yaml\n" + kOutput), ElementsAre(HasSubstr("none.yaml: cannot be read")));
}

TEST_F(Plan, TheMetricAndTheComparisonHaveToExist) {
  EXPECT_EQ(plan(kConfig + kOutput).metric, "accuracy");
  EXPECT_FALSE(plan(kConfig + kOutput + "metric: loss\n").higher_is_better);
  EXPECT_THAT(errors(kConfig + kOutput + "metric: pearson\n"),
              ElementsAre(HasSubstr(":3:9: metric: \"pearson\" is no metric of rte")));
  EXPECT_THAT(errors(kConfig + kOutput + "grid: {lora.r: [4, 8]}\ncompare_to: r=3\n"),
              ElementsAre(HasSubstr(":4:13: compare_to: there is no cell \"r=3\"")));
}

TEST_F(Plan, NamesOfFoldersAreSafeWhateverACellIsCalled) {
  const SweepPlan made = plan(kConfig + kOutput +
                              "trials:\n  - {name: ../../etc, lora.r: 4}\n  - {name: '<b>x</b>', lora.r: 5}\n"
                              "  - {name: '..', lora.r: 6}\n  - {name: '<b>x<!b>', lora.r: 7}\n");
  std::set<std::string> names;
  for (const PlannedTrial& trial : made.trials) {
    names.insert(trial.name);
    EXPECT_EQ(trial.name.find_first_of("/<>! "), std::string::npos) << trial.name;
    EXPECT_FALSE(trial.name.starts_with(".")) << trial.name;
  }
  EXPECT_EQ(names.size(), 4U);
  EXPECT_EQ(made.trials[1].cell, "<b>x</b>");
}

TEST_F(Plan, DrawsAreDifferentCellsThatMoreDrawsOrAnotherKeyLeaveAsTheyWere) {
  const auto random = [](int trials, const std::string& more) {
    return cat(kConfig, kOutput, "random:\n  trials: ", trials,
               "\n  seed: 3\n  parameters:\n    training.learning_rate: {log_uniform: [1.0e-5, 1.0e-3]}\n", more);
  };
  const SweepPlan few = plan(random(5, "")), many = plan(random(20, "")),
                  wider = plan(random(5, "    lora.r: {choice: [4, 8]}\n"));
  ASSERT_EQ(many.trials.size(), 20U);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(few.trials[i].cell, many.trials[i].cell);
    EXPECT_EQ(few.trials[i].config.training.learning_rate, wider.trials[i].config.training.learning_rate);
  }
  for (const PlannedTrial& trial : many.trials) {
    EXPECT_GE(trial.config.training.learning_rate, 1e-5);
    EXPECT_LE(trial.config.training.learning_rate, 1e-3);
  }
  const std::string choice = "random: {trials: 3, parameters: {lora.r: {choice: [4, 8]}}}\n";
  EXPECT_THAT(errors(kConfig + kOutput + choice),
              ElementsAre(HasSubstr("only 2 different cells could be drawn, and 3 are asked for")));
  EXPECT_THAT(errors(kConfig + kOutput + "random: {trials: 1, parameters: {lora.r: {uniform: [8, 4]}}}\n"),
              ElementsAre(HasSubstr("expected the lower bound first")));
  EXPECT_THAT(errors(kConfig + kOutput + choice + "grid: {training.epochs: [1, 2]}\n"),
              Contains(HasSubstr("random draws cells instead of a grid")));
}

}  // namespace
}  // namespace hiddenkey
