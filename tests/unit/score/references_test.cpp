#include "score/references.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ReferenceFiles : public testing::Test {
 protected:
  ReferenceFiles() : folder_(fs::temp_directory_path() / cat("hiddenkey-references-", getpid())) {
    fs::create_directories(folder_);
  }
  ~ReferenceFiles() override { fs::remove_all(folder_); }

  fs::path write(const std::string& name, const std::string& bytes) {
    write_file_atomically(folder_ / name, bytes);
    return folder_ / name;
  }
  static std::string error_of(const std::function<void()>& action) {
    try {
      action();
    } catch (const DataError& error) {
      return error.what();
    }
    return "";
  }

 private:
  fs::path folder_;
};

TEST_F(ReferenceFiles, OfTheDataSetAreGroupedByTheirInput) {
  const fs::path path =
      write("refs.csv", "mr,ref\n\"name[A], x[1]\",\"One, two.\"\nname[B],Three\n\"name[A], x[1]\",Four\n");
  EXPECT_THAT(read_grouped_references(path), ElementsAre(ElementsAre("One, two.", "Four"), ElementsAre("Three")));
}

TEST_F(ReferenceFiles, OfLoralibAreGroupedByTheirInput) {
  const fs::path path = write("refs.txt", "name : A||One . \nname : B||Three\nname : A||Four\n");
  EXPECT_THAT(read_grouped_references(path), ElementsAre(ElementsAre("One . ", "Four"), ElementsAre("Three")));
  const fs::path broken = write("broken.txt", "name : A||One\nname : B\n");
  EXPECT_THAT(error_of([&] { read_grouped_references(broken); }), HasSubstr("broken.txt:2: has no ||"));
}

TEST_F(ReferenceFiles, OfPlainTextAreDividedByEmptyLines) {
  EXPECT_THAT(read_grouped_references(write("a.txt", "\xEF\xBB\xBFone\r\ntwo\r\n\r\n\r\nthree")),
              ElementsAre(ElementsAre("one", "two"), ElementsAre("three")));
  EXPECT_THAT(read_grouped_references(write("b.txt", "one\ntwo\n")),
              ElementsAre(ElementsAre("one"), ElementsAre("two")));
}

TEST_F(ReferenceFiles, ThatStandSideBySideMayLackSome) {
  const fs::path all = write("0", "a\nb\nc"), some = write("1", "\n \nd\n"), few = write("2", "e\n\n");
  EXPECT_THAT(read_parallel_references({all, some, few}),
              ElementsAre(ElementsAre("a", "e"), ElementsAre("b"), ElementsAre("c", "d")));
  EXPECT_THAT(error_of([&] { read_parallel_references({some, few}); }), HasSubstr("1:2: no file has a reference"));
  const fs::path shorter = write("3", "a\n");
  EXPECT_THAT(error_of([&] { read_parallel_references({all, shorter}); }), HasSubstr("3:1: ends here"));
}

TEST_F(ReferenceFiles, HypothesesAreLinesOrObjects) {
  EXPECT_THAT(read_hypotheses(write("a.txt", "one\n\ntwo\n")), ElementsAre("one", "", "two"));
  EXPECT_THAT(read_hypotheses(write("a.jsonl", "{\"id\": 1, \"text\": \"one\"}\n{\"id\": 2, \"text\": \"\"}\n")),
              ElementsAre("one", ""));
  EXPECT_THAT(error_of([&] { read_hypotheses(write("b.jsonl", "{\"txt\": \"one\"}\n")); }),
              HasSubstr("did you mean \"txt\"?"));
}

TEST_F(ReferenceFiles, BadBytesAreReplacedAndEmptyFilesRefused) {
  EXPECT_THAT(read_hypotheses(write("a.txt", "caf\xe9 x\n")), ElementsAre("caf\uFFFD x"));
  EXPECT_THAT(error_of([&] { read_hypotheses(write("b.txt", "")); }), HasSubstr("b.txt: holds no text"));
  EXPECT_THAT(error_of([&] { read_grouped_references(write("c.txt", "\n \n")); }), HasSubstr("c.txt: holds no text"));
}

TEST_F(ReferenceFiles, AreForAsManyInputsAsThereAreHypotheses) {
  EXPECT_THAT(error_of([] {
                make_segments({"a", "b", "c"}, {{"x"}}, "h.txt");
              }),
              HasSubstr("h.txt:2: has 3 texts, and there are references for 1 inputs"));
  EXPECT_THAT(error_of([] { make_segments({"a"}, {{"x"}, {"y"}}, "h.txt"); }), HasSubstr("h.txt:1: has 1 texts"));
}

}  // namespace
}  // namespace hiddenkey
