#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/error.h"
#include "core/text.h"
#include "sweep/driver.h"
#include "sweep/file_lock.h"
#include "sweep/read_study.h"
#include "sweep/seed_power.h"
#include "sweep/shares.h"
#include "sweep/sweep_folder.h"
#include "sweep/trial_log.h"

namespace hiddenkey {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Folder : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / cat("sweep_folder_", ::getpid());
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  SweepPlan plan(const std::string& text) {
    std::ofstream(folder_ / "sweep.yaml")
        << "config: {model: {path: m}, task: {name: rte, data_dir: d}}\noutput_dir: " << (folder_ / "out").string()
        << "\n"
        << text;
    Problems problems;
    SweepPlan made = plan_sweep(folder_ / "sweep.yaml", {}, MissingFiles::kWarning, problems);
    EXPECT_EQ(count_errors(problems), 0U) << to_line(problems.front());
    fs::create_directories(folder_ / "out");
    return made;
  }

  std::string refusal(const std::string& text) {
    try {
      write_sweep(plan(text));
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "";
  }

  fs::path folder_;
};

TEST_F(Folder, TakesMoreTrialsOfTheSameSweepAndNothingElse) {
  const std::string grid = "grid: {lora.r: [4, 8]}\n";
  EXPECT_EQ(refusal(grid), "");
  EXPECT_EQ(refusal(grid), "");
  EXPECT_EQ(refusal("grid: {lora.r: [4, 8, 16]}\nseeds: [42, 43]\n"), "");
  EXPECT_EQ(read_study(folder_ / "out").trials.size(), 6U);
  EXPECT_THAT(refusal(grid), HasSubstr("holds another sweep: it has the trial r=4,seed=43, and this sweep has not"));
  EXPECT_THAT(refusal("grid: {lora.r: [4, 8, 16]}\nseeds: [42, 43]\ntrials: [{name: a, training.epochs: 2}]\n"), "");
}

TEST_F(Folder, SaysWhichKeyDiffers) {
  EXPECT_EQ(refusal("seeds: [1]\n"), "");
  std::ofstream(folder_ / "base.yaml") << "model: {path: m}\ntask: {name: rte, data_dir: d}\n";
  EXPECT_THAT(refusal("seeds: [1]\nbase: base.yaml\n"), "");  // the same config, by another way
  std::ofstream(folder_ / "base.yaml") << "training: {epochs: 4}\n";
  EXPECT_THAT(refusal("seeds: [1]\nbase: base.yaml\n"), HasSubstr("training.epochs is 3.0 there and 4.0 here"));
}

TEST_F(Folder, AFolderThatIsNoSweepsIsNamed) {
  EXPECT_THROW(read_study(folder_), ConfigError);
  fs::create_directories(folder_ / "out");
  std::ofstream(folder_ / "out" / "thesis.txt") << "x";
  EXPECT_THAT(refusal(""), HasSubstr("holds thesis.txt and no sweep"));
  EXPECT_FALSE(fs::exists(folder_ / "out" / "sweep.json"));
}

TEST_F(Folder, DamagedLinesOfALogAreSkippedAndATornOneDoesNotTakeTheNextWithIt) {
  {
    TrialLog log(folder_ / "trials.jsonl");
    log.write({"a", "running", 0, 1, {}, {}});
    log.write({"a", "failed", 0, 1, 3, "no such file"});
  }
  std::ofstream(folder_ / "trials.jsonl", std::ios::app) << "[1, 2\n{\"trial\": \"b\", \"sta";
  {
    TrialLog log(folder_ / "trials.jsonl");
    log.write({"b", "running", 0, 2, {}, {}});
  }
  const auto histories = read_trial_logs(folder_);
  ASSERT_EQ(histories.size(), 2U);
  EXPECT_EQ(histories.at("a").last.error, "no such file");
  EXPECT_EQ(histories.at("a").last.exit_code, 3);
  EXPECT_EQ(histories.at("b").last.attempt, 2);
}

TEST_F(Folder, ATrialThatNobodyRunsAnyMoreIsPaused) {
  ASSERT_EQ(refusal("seeds: [1, 2]\n"), "");
  const SweepFolder sweep(folder_ / "out");
  TrialLog log(sweep.log());
  log.write({"base,seed=1", "running", 0, 1, {}, {}});
  {
    const std::optional<FileLock> lock = FileLock::take(sweep.lock(), FileLock::Kind::kExclusive);
    ASSERT_TRUE(lock);
    EXPECT_EQ(read_study(sweep.path()).trials[0].state, TrialState::kRunning);
    EXPECT_FALSE(FileLock::take(sweep.lock(), FileLock::Kind::kShared));
  }
  const Study study = read_study(sweep.path());
  EXPECT_EQ(study.trials[0].state, TrialState::kPaused);
  EXPECT_EQ(study.trials[1].state, TrialState::kWaiting);
}

TEST(Shares, ProcessorsAreDividedAndSeveralGpusGivenOut) {
  EXPECT_EQ(share_out(3, 8, {}).at(2).threads, 2);
  EXPECT_EQ(share_out(4, 2, {}).at(0).threads, 1);
  const std::vector<Share> shares = share_out(3, 6, {"0", "5"});
  EXPECT_EQ(shares[1].gpu, "5");
  EXPECT_EQ(shares[2].gpu, "0");
  EXPECT_EQ(share_out(2, 6, {"0"}).at(1).gpu, "");  // one is left to all
}

TEST(Shares, OnlyWorkersBesideOthersWaitAsleepAndTheUsersChoiceStands) {
  ::unsetenv("OMP_WAIT_POLICY");
  const auto alone = environment_of(share_out(1, 4, {}).at(0), {}),
             beside = environment_of(share_out(2, 4, {}).at(1), {});
  EXPECT_EQ(alone.at("OMP_NUM_THREADS"), "4");
  EXPECT_FALSE(alone.contains("OMP_WAIT_POLICY"));
  EXPECT_EQ(beside.at("OMP_WAIT_POLICY"), "passive");
  ::setenv("OMP_WAIT_POLICY", "active", /*overwrite=*/1);
  EXPECT_FALSE(environment_of(share_out(2, 4, {}).at(1), {}).contains("OMP_WAIT_POLICY"));
  ::unsetenv("OMP_WAIT_POLICY");
}

// The smallest p-values of the exact test are those of scipy.stats.wilcoxon(range(1, n + 1), method="exact").
TEST(SeedPower, SaysWhatTheTestCannotReachAndHowManySeedsCould) {
  EXPECT_THAT(what_seeds_can_show(5, 1), HasSubstr("cannot go below p = 0.0625; p = 0.05 takes 6 seeds"));
  EXPECT_THAT(what_seeds_can_show(5, 4), HasSubstr("nor below 0.25 after Holm's correction over 4 comparisons"));
  EXPECT_EQ(what_seeds_can_show(8, 1),
            "8 seeds: an exact two-sided signed-rank test over seeds cannot go below p = 0.0078");
  EXPECT_THAT(what_seeds_can_show(1, 3), HasSubstr("no test over seeds can be made; 7 seeds could"));
  EXPECT_THAT(what_seeds_can_show(3, 0), HasSubstr("nothing to compare"));
}

}  // namespace
}  // namespace hiddenkey
