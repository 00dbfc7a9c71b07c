#include "core/folder_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "core/error.h"

namespace hiddenkey {
namespace {

class FilesOfAFolder : public testing::Test {
 protected:
  FilesOfAFolder() : path_(fs::path(testing::TempDir()) / ("hiddenkey-files-" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
  }
  ~FilesOfAFolder() override { fs::remove_all(path_); }

  void write(const char* name, const std::string& bytes) const { write_file_atomically(path_ / name, bytes); }
  void remove(const char* name) const { fs::remove(path_ / name); }

  fs::path path_;
};

TEST_F(FilesOfAFolder, WhatWasReadOnceIsNotReadAgain) {
  write("config.json", R"({"a": 1})");
  write("vocab.txt", "one");
  const FolderFiles files(path_);
  EXPECT_EQ(files.object("config.json").at("a"), 1);
  EXPECT_EQ(files.bytes("vocab.txt"), "one");
  remove("config.json");
  remove("vocab.txt");
  EXPECT_EQ(files.bytes("config.json"), R"({"a": 1})");
  EXPECT_EQ(files.object_if_there("config.json").at("a"), 1);
  EXPECT_EQ(files.bytes("vocab.txt"), "one");
  EXPECT_EQ(files.sha256("vocab.txt"), sha256_of_bytes("one"));
}

TEST_F(FilesOfAFolder, ObjectsAndChecksumsOutliveTheBytes) {
  write("config.json", R"({"a": 1})");
  write("vocab.txt", "one");
  const FolderFiles files(path_);
  files.object("config.json");
  EXPECT_EQ(files.sha256("vocab.txt"), sha256_of_bytes("one"));
  files.release_bytes();
  write("config.json", R"({"a": 2})");
  write("vocab.txt", "two");
  EXPECT_EQ(files.object("config.json").at("a"), 1);
  EXPECT_EQ(files.sha256("config.json"), sha256_of_bytes(R"({"a": 1})"));
  EXPECT_EQ(files.sha256("vocab.txt"), sha256_of_bytes("one"));
  EXPECT_EQ(files.bytes("vocab.txt"), "two");
}

TEST_F(FilesOfAFolder, AFileThatIsMissingOrNoObjectIsNamed) {
  write("list.json", "[1]");
  const FolderFiles files(path_);
  EXPECT_FALSE(files.has("config.json"));
  EXPECT_TRUE(files.object_if_there("config.json").empty());
  EXPECT_THROW(files.bytes("config.json"), IoError);
  EXPECT_THROW(files.sha256("config.json"), IoError);
  EXPECT_THROW(files.object("list.json"), ModelError);
  EXPECT_THROW(files.object_if_there("list.json"), ModelError);
}

}  // namespace
}  // namespace hiddenkey
