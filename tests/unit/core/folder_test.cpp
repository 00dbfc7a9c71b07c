#include "core/folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

using testing::HasSubstr;

class FolderTest : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(root_); }
  void TearDown() override { fs::remove_all(root_); }

  void write(const std::string& text) {
    write_folder_atomically(place_, [&](const fs::path& folder) { write_file_atomically(folder / "file", text); });
  }
  int64_t count() const { return std::distance(fs::directory_iterator(root_), fs::directory_iterator()); }

  fs::path root_ = fs::path(testing::TempDir()) / cat("folder_test_", getpid());
  fs::path place_ = root_ / "place";
};

TEST_F(FolderTest, AFolderIsWrittenAndReplacedWhole) {
  write("old");
  write("new");
  EXPECT_EQ(read_file(place_ / "file"), "new");
  EXPECT_EQ(count(), 1);
}

TEST_F(FolderTest, WhatTheNewFolderDoesNotHaveStays) {
  write("old");
  write_file_atomically(place_ / "notes", "mine");
  write("new");
  EXPECT_EQ(read_file(place_ / "file"), "new");
  EXPECT_EQ(read_file(place_ / "notes"), "mine");
}

TEST_F(FolderTest, AFailureLeavesTheOldFolder) {
  write("old");
  const auto half = [](const fs::path& folder) {
    write_file_atomically(folder / "file", "half");
    throw IoError("full");
  };
  EXPECT_THROW(write_folder_atomically(place_, half), IoError);
  EXPECT_EQ(read_file(place_ / "file"), "old");
  EXPECT_EQ(count(), 1);
}

TEST_F(FolderTest, NothingIsWrittenThroughALinkOfTheTemporaryName) {
  fs::create_directories(root_ / "trap");
  for (int i = 0; i < 50; ++i) fs::create_symlink(root_ / "trap", root_ / cat(".place.tmp-", getpid(), "-", i));
  write("new");
  EXPECT_TRUE(fs::is_empty(root_ / "trap"));
  EXPECT_EQ(read_file(place_ / "file"), "new");
  EXPECT_FALSE(fs::is_symlink(place_));
}

TEST_F(FolderTest, ANameOfAnUnfinishedWriteTellsWhatItWasToBe) {
  EXPECT_EQ(name_of_unfinished(".adapter.tmp-17-3"), "adapter");
  EXPECT_EQ(name_of_unfinished("adapter"), "");
  EXPECT_EQ(name_of_unfinished(".adapter"), "");
}

TEST_F(FolderTest, AClaimKeepsOthersOutAndRemovesWhatItMadeForNothing) {
  const fs::path deep = root_ / "a" / "b";
  {
    const FolderClaim claim(deep);
    EXPECT_TRUE(fs::exists(deep));
    try {
      const FolderClaim second(deep);
      FAIL();
    } catch (const ConfigError& error) {
      EXPECT_THAT(error.what(), HasSubstr("another process is writing there"));
    }
    EXPECT_TRUE(fs::exists(deep));
  }
  EXPECT_FALSE(fs::exists(root_ / "a"));
  {
    const FolderClaim claim(deep);
    write_file_atomically(deep / "file", "kept");
  }
  EXPECT_TRUE(fs::exists(deep / "file"));
  const FolderClaim again(deep);
}

TEST_F(FolderTest, TheRootIsNoFolderToClaim) {
  EXPECT_THROW(FolderClaim("/"), ConfigError);
  EXPECT_THROW(FolderClaim("/tmp/.."), ConfigError);
}

}  // namespace
}  // namespace hiddenkey
