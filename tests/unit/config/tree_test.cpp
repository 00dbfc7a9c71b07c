#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.h"
#include "config/parse.h"
#include "core/file.h"

namespace hiddenkey {
namespace {

std::string text_at(const Value& root, const std::string& key) {
  const Value* value = find_path(root, key);
  return value == nullptr ? "(nothing)" : value->text;
}

std::vector<std::string> lines(const Problems& problems) {
  std::vector<std::string> all;
  for (const Problem& problem : problems) all.push_back(to_line(problem));
  return all;
}

/// Files in a folder of its own, and what they say together.
class Files : public testing::Test {
 protected:
  fs::path folder_ = fs::path(testing::TempDir()) / ("hiddenkey-tree-" + std::to_string(::getpid()));
  Problems problems_;

  void SetUp() override { fs::create_directories(folder_ / "below"); }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) { write_file_atomically(folder_ / name, text); }
  Value load(const std::string& name, const std::vector<std::string>& overrides = {}) {
    return load_tree(folder_ / name, overrides, problems_).value_or(Value());
  }
};

TEST(MergeKeys, GiveWhatASectionDoesNotSayItself) {
  Problems problems;
  const Value root = *parse_yaml(
      "x-base: &base {rate: 0.1, pattern: column}\nx-other: &other {rate: 0.3, site: activation}\n"
      "one: {<<: *base, rate: 0.2}\nboth: {<<: [*base, *other]}\ninline:\n  <<: {rate: 0.4}\n",
      "f", problems);
  EXPECT_THAT(lines(problems), testing::IsEmpty());
  EXPECT_EQ(text_at(root, "one.rate"), "0.2");
  EXPECT_EQ(text_at(root, "one.pattern"), "column");
  EXPECT_EQ(text_at(root, "both.rate"), "0.1");
  EXPECT_EQ(text_at(root, "both.site"), "activation");
  EXPECT_EQ(text_at(root, "inline.rate"), "0.4");
  EXPECT_EQ(root.find("one")->find("<<"), nullptr);
}

TEST(MergeKeys, MergeWhatWasMergedItself) {
  Problems problems;
  const Value root = *parse_yaml("a: &a {r: 1}\nb: &b {<<: *a, s: 2}\nc: {<<: *b}\n", "f", problems);
  EXPECT_EQ(text_at(root, "c.r"), "1");
  EXPECT_EQ(text_at(root, "c.s"), "2");
}

TEST(MergeKeys, TakeSectionsAlone) {
  Problems problems;
  parse_yaml("a: {<<: 3}\n", "f", problems);
  EXPECT_THAT(lines(problems),
              testing::ElementsAre("f:1:9: a.<<: expected a section to merge, or a list of sections, found \"3\""));
}

TEST(MergeKeys, AreOrdinaryTextInQuotesAndInJson) {
  Problems problems;
  EXPECT_NE(parse_yaml("a: {\"<<\": {r: 1}}\n", "f", problems)->find("a")->find("<<"), nullptr);
  EXPECT_NE(parse_json("{\"<<\": {\"r\": 1}}", "f", problems)->find("<<"), nullptr);
}

TEST_F(Files, EachLieOnALayerBelowTheOneThatExtendsThem) {
  write("top.yaml", "extends: below/middle.yaml\na: {top: 1, both: 1}\n");
  write("below/middle.yaml", "extends: ../base.yaml\na: {middle: 2}\n");
  write("base.yaml", "a: {base: 3, both: 3}\n");
  const Value root = load("top.yaml", {"a.typed=4"});
  EXPECT_THAT(lines(problems_), testing::IsEmpty());
  EXPECT_EQ(text_at(root, "a.both"), "1");
  EXPECT_EQ(layer_of(root, "a.base"), -2);
  EXPECT_EQ(layer_of(root, "a.middle"), -1);
  EXPECT_EQ(layer_of(root, "a.top"), 0);
  EXPECT_EQ(layer_of(root, "a.both"), 0);
  EXPECT_EQ(layer_of(root, "a.typed"), kCommandLine);
  EXPECT_EQ(layer_of(root, "a.none"), std::nullopt);
}

TEST_F(Files, CannotExtendThemselvesOrWhatIsNotThere) {
  write("a.yaml", "extends: b.yaml\n");
  write("b.yaml", "extends: ./a.yaml\n");
  load("a.yaml");
  EXPECT_THAT(lines(problems_), testing::ElementsAre(testing::HasSubstr("leads back to a file that extends it")));
  problems_.clear();
  write("c.yaml", "x: 1\nextends: none.yaml\n");
  load("c.yaml");
  EXPECT_THAT(lines(problems_), testing::ElementsAre(testing::HasSubstr("c.yaml:2:10: extends: there is no file")));
}

TEST_F(Files, AreTakenBackByNull) {
  write("a.yaml", "lora: {r: 4}\n");
  EXPECT_EQ(layer_of(load("a.yaml", {"lora.r=null"}), "lora.r"), std::nullopt);
}

}  // namespace
}  // namespace hiddenkey
