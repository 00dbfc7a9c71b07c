#include "core/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

using testing::HasSubstr;

class FileTest : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  int count_of_files() const {
    return static_cast<int>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  fs::path folder_ = fs::path(testing::TempDir()) / cat("file_test_", getpid());
  fs::path path_ = folder_ / "data.bin";
};

template <class Function>
std::string io_error_of(Function function) {
  try {
    function();
  } catch (const IoError& error) {
    EXPECT_EQ(error.exit_code(), 7);
    return error.what();
  }
  return "no error";
}

TEST_F(FileTest, ReadsWhatWasWritten) {
  const std::string bytes("a\0b\n", 4);
  write_file_atomically(path_, bytes);
  EXPECT_EQ(read_file(path_), bytes);
  write_file_atomically(path_, "");
  EXPECT_EQ(read_file(path_), "");
  EXPECT_EQ(count_of_files(), 1);
}

TEST_F(FileTest, ReadingNamesThePathAndTheReason) {
  EXPECT_EQ(io_error_of([&] { read_file(folder_ / "none"); }),
            (folder_ / "none").string() + ": cannot be read: no such file or folder");
  EXPECT_EQ(io_error_of([&] { read_file(folder_); }), folder_.string() + ": cannot be read: is a folder, not a file");
  write_file_atomically(path_, "x");
  EXPECT_THAT(io_error_of([&] { read_file(path_ / "below"); }), HasSubstr("is a file, not a folder"));
}

TEST_F(FileTest, ReadsFilesWithoutASize) { EXPECT_THAT(read_file("/proc/self/status"), HasSubstr("Pid:")); }

TEST_F(FileTest, WritesPiecesOfEverySizeInOrder) {
  std::string expected;
  write_file_atomically(path_, [&](const ByteSink& sink) {
    for (std::size_t size : {1u, 300000u, 0u, 7u, 262143u, 262144u, 5u}) {
      const std::string piece(size, static_cast<char>('a' + expected.size() % 26));
      sink(piece.data(), piece.size());
      expected += piece;
    }
  });
  EXPECT_TRUE(read_file(path_) == expected);
}

TEST_F(FileTest, AFailureWhileProducingLeavesTheOldFileAlone) {
  write_file_atomically(path_, "old");
  EXPECT_THROW(write_file_atomically(path_,
                                     [](const ByteSink& sink) {
                                       sink("new", 3);
                                       throw std::runtime_error("stop");
                                     }),
               std::runtime_error);
  EXPECT_EQ(read_file(path_), "old");
  EXPECT_EQ(count_of_files(), 1);
}

TEST_F(FileTest, AWriteThatTheSystemRefusesLeavesTheOldFileAlone) {
  write_file_atomically(path_, "old");
  // A limit on the size of files stands in for the full disk: the write is cut short, then refused.
  struct rlimit before {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit small = before;
  small.rlim_cur = 100000;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string message = io_error_of([&] { write_file_atomically(path_, std::string(500000, 'x')); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_EQ(message, path_.string() + ": cannot be written: the file is larger than is allowed here");
  EXPECT_EQ(read_file(path_), "old");
  EXPECT_EQ(count_of_files(), 1);
}

TEST_F(FileTest, AFolderIsNotReplacedByAFile) {
  fs::create_directories(path_ / "inside");
  EXPECT_THAT(io_error_of([&] { write_file_atomically(path_, "x"); }), HasSubstr("cannot be replaced"));
  EXPECT_EQ(count_of_files(), 1);
}

TEST_F(FileTest, AMissingFolderIsNamed) {
  EXPECT_THAT(io_error_of([&] { write_file_atomically(folder_ / "no" / "x", "x"); }),
              HasSubstr("/no/x: cannot be written: no such file or folder"));
}

TEST_F(FileTest, MakesAFolderWithItsParents) {
  make_writable_folder(folder_ / "a" / "b");
  EXPECT_TRUE(fs::is_empty(folder_ / "a" / "b"));
  make_writable_folder(folder_ / "a" / "b");
}

TEST_F(FileTest, AFolderThatCannotBeMadeOrWrittenIsAnError) {
  write_file_atomically(path_, "x");
  EXPECT_THAT(io_error_of([&] { make_writable_folder(path_); }), HasSubstr("data.bin"));
  EXPECT_THAT(io_error_of([&] { make_writable_folder(path_ / "below"); }), HasSubstr("cannot be made"));
  EXPECT_THAT(io_error_of([&] { make_writable_folder("/proc/self/fdinfo"); }), HasSubstr("/proc/self/fdinfo"));
}

TEST_F(FileTest, ShaAgreesWithTheStandardsExamples) {
  const std::string of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  EXPECT_EQ(sha256_of_bytes("abc"), of_abc);
  write_file_atomically(path_, "abc");
  EXPECT_EQ(sha256_of_file(path_), of_abc);
  write_file_atomically(path_, "");
  EXPECT_EQ(sha256_of_file(path_), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_F(FileTest, AMappedFileSurvivesItsReplacementAndRemoval) {
  write_file_atomically(path_, "first");
  const MappedFile mapped(path_);
  write_file_atomically(path_, "second");
  fs::remove(path_);
  ASSERT_EQ(mapped.size(), 5u);
  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(mapped.data()), mapped.size()), "first");
}

TEST_F(FileTest, MappingRefusesFoldersAndTakesEmptyFiles) {
  EXPECT_THAT(io_error_of([&] { MappedFile file(folder_); }), HasSubstr("is a folder"));
  EXPECT_THAT(io_error_of([&] { MappedFile file(folder_ / "none"); }), HasSubstr("no such file"));
  EXPECT_THAT(io_error_of([&] { MappedFile file("/dev/null"); }), HasSubstr("not a plain file"));
  write_file_atomically(path_, "");
  EXPECT_EQ(MappedFile(path_).size(), 0u);
}

TEST(CacheFolder, FollowsTheEnvironment) {
  const char* home = std::getenv("HOME");
  const std::string old_home = home ? home : "";
  setenv("XDG_CACHE_HOME", "/somewhere", 1);
  EXPECT_EQ(cache_folder(), "/somewhere/hiddenkey");
  setenv("XDG_CACHE_HOME", "relative", 1);
  setenv("HOME", "/home/a", 1);
  EXPECT_EQ(cache_folder(), "/home/a/.cache/hiddenkey");
  unsetenv("XDG_CACHE_HOME");
  unsetenv("HOME");
  EXPECT_THROW(cache_folder(), IoError);
  if (home != nullptr) setenv("HOME", old_home.c_str(), 1);
}

}  // namespace
}  // namespace hiddenkey
