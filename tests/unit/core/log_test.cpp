#include "core/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

using testing::HasSubstr;
using testing::Not;

class LogTest : public testing::Test {
 protected:
  void SetUp() override {
    log::set_level(log::Level::kInfo);
    testing::internal::CaptureStderr();
  }
  void TearDown() override {
    log::set_file("");
    log::set_level(log::Level::kInfo);
  }
  static std::string shown() { return testing::internal::GetCapturedStderr(); }
};

TEST_F(LogTest, LinesGoToStderrAsTheyAre) {
  log::info("braces {} and %s stay");
  log::warning("careful");
  log::error("bad");
  EXPECT_EQ(shown(), "braces {} and %s stay\nwarning: careful\nerror: bad\n");
}

TEST_F(LogTest, LevelHidesWhatIsBelow) {
  log::set_level(log::level_from_name("warning"));
  log::info("hidden");
  log::warning("shown");
  EXPECT_EQ(shown(), "warning: shown\n");
}

TEST_F(LogTest, OffHidesErrorsToo) {
  log::set_level(log::Level::kOff);
  log::error("bad");
  EXPECT_EQ(shown(), "");
}

TEST_F(LogTest, FileTakesEveryLineWithItsTimeAndAppends) {
  const fs::path path = fs::path(testing::TempDir()) / cat("log_test_", getpid(), ".txt");
  log::set_file(path.string());
  log::debug("first");
  log::set_file(path.string());
  log::info("second {}");
  log::set_file("");
  log::info("third");
  const std::string text = read_file(path);
  fs::remove(path);
  EXPECT_THAT(text, HasSubstr("debug first\n"));
  EXPECT_THAT(text, HasSubstr("info second {}\n"));
  EXPECT_THAT(text, Not(HasSubstr("third")));
  EXPECT_EQ(text.substr(0, 2), "20") << "a line begins with its date";
  EXPECT_EQ(shown(), "second {}\nthird\n");
}

TEST_F(LogTest, AFullDiskIsWarnedOfOnceAndStopsNothing) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  log::set_file("/dev/full");
  for (int i = 0; i < 3; ++i) log::info("line");
  const std::string text = shown();
  EXPECT_THAT(text, HasSubstr("line\nwarning: /dev/full: log lines are lost"));
  EXPECT_EQ(text.find("warning"), text.rfind("warning"));
}

TEST_F(LogTest, AFileThatCannotBeOpenedIsAnIoError) {
  EXPECT_THROW(log::set_file("/dev/null/log.txt"), IoError);
  shown();
}

TEST_F(LogTest, AnUnknownLevelNamesTheKnownOnes) {
  shown();
  try {
    log::level_from_name("warn");
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(),
                 "log level \"warn\" is none of debug, info, warning, error, off (did you mean \"warning\"?)");
  }
}

}  // namespace
}  // namespace hiddenkey
