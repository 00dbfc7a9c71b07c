#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "config/load.h"
#include "config/parse.h"
#include "config/visitors.h"
#include "config/yaml_writer.h"

namespace hiddenkey {

// A config of a test's own: the mechanism knows no key.
enum class Colour { kRed, kBlue };
template <>
struct EnumNames<Colour> {
  static constexpr std::pair<const char*, Colour> kNames[] = {{"red", Colour::kRed}, {"blue", Colour::kBlue}};
};

struct Wheel {
  double size = 1;
  std::vector<double> sizes;
  std::vector<std::string> names;
};
struct Cart {
  Wheel wheel;
  std::string folder;
  std::string device = "auto";
  std::optional<int64_t> load;
  Colour colour = Colour::kRed;
};

template <class Visitor>
void visit_fields(Visitor& visit, Wheel& c) {
  visit(Field{.name = "size", .help = "in metres", .limits = above(0)}, c.size);
  visit(Field{.name = "sizes", .help = "of both", .length = 2}, c.sizes);
  visit(Field{.name = "names", .help = "of all", .takes_scalars = true}, c.names);
}
template <class Visitor>
void visit_fields(Visitor& visit, Cart& c) {
  visit(Field{"wheel", "what it rolls on"}, c.wheel);
  visit(Field{.name = "folder", .help = "where it stands", .is_path = true, .required = true}, c.folder);
  visit(Field{.name = "device",
              .help = "what draws it",
              .choices = {"auto", "horse"},
              .form = {"horse:[0-9]", "horse:N"},
              .elsewhere = {{"pony", "horse"}}},
        c.device);
  visit(Field{"load", "what it carries"}, c.load);
  visit(Field{"colour", "what one sees"}, c.colour);
}

namespace {

std::string hint(const std::string& key) { return key == "tyre" ? "; carts have none" : ""; }

struct Read {
  Cart cart;
  std::vector<std::string> problems;
};

Read read(const std::string& yaml, const std::vector<std::string>& overrides = {}) {
  Problems problems;
  Value tree = parse_yaml(yaml, "f", problems).value_or(Value());
  merge(tree, load_overrides(overrides, problems));
  Read result;
  read_config(tree, result.cart, problems, hint);
  for (const Problem& problem : problems) result.problems.push_back(to_line(problem));
  return result;
}

using testing::ElementsAre;
using testing::IsEmpty;

TEST(UnknownKeys, AreNamedWithWhatWasMeant) {
  EXPECT_THAT(read("wheel: {siez: 2}\n").problems,
              ElementsAre("f:1:9: wheel.siez: unknown key (did you mean \"size\"?)"));
  EXPECT_THAT(read("names: [a]\n").problems, ElementsAre("f:1:1: names: unknown key (did you mean \"wheel.names\"?)"));
  EXPECT_THAT(read("tyre: 1\n").problems, ElementsAre("f:1:1: tyre: unknown key; carts have none"));
  EXPECT_THAT(read("anchor: 1\n").problems, ElementsAre("f:1:1: anchor: unknown key"));
}

TEST(UnknownKeys, AreTheFilesOwnBehindX) {
  EXPECT_THAT(read("x-shared: {anything: 1}\nwheel: {x-note: here}\n").problems, IsEmpty());
  EXPECT_THAT(read("", {"x-shared=1"}).problems, ElementsAre("override \"x-shared=1\": x-shared: unknown key"));
}

TEST(Sections, SayWhichKeysTheyHave) {
  EXPECT_THAT(read("wheel: 3\n").problems,
              ElementsAre("f:1:8: wheel: expected a section with keys, such as wheel.size, found \"3\""));
}

TEST(Lists, AreSplitAtCommasOnTheCommandLineAlone) {
  const Read typed = read("", {"wheel.sizes=0.9, 0.98", "wheel.names=a,b"});
  EXPECT_THAT(typed.problems, IsEmpty());
  EXPECT_THAT(typed.cart.wheel.sizes, ElementsAre(0.9, 0.98));
  EXPECT_THAT(typed.cart.wheel.names, ElementsAre("a", "b"));
  EXPECT_THAT(read("", {"wheel.names=a"}).cart.wheel.names, ElementsAre("a"));
  EXPECT_THAT(read("wheel: {names: 'a,b'}\n").problems,
              ElementsAre("f:1:16: wheel.names: expected a list, found the text \"a,b\"; a list is written [a, b]"));
}

TEST(Text, HasChoicesAFormAndOtherNames) {
  EXPECT_EQ(read("device: horse:3\n").cart.device, "horse:3");
  EXPECT_THAT(read("device: horse:33\n").problems,
              ElementsAre("f:1:9: device: \"horse:33\" is none of auto, horse, horse:N (did you mean \"horse\"?)"));
  EXPECT_THAT(read("device: Pony\n").problems,
              ElementsAre("f:1:9: device: \"Pony\" is none of auto, horse, horse:N (did you mean \"horse\"?)"));
  EXPECT_THAT(read("colour: bleu\n").problems,
              ElementsAre("f:1:9: colour: \"bleu\" is none of red, blue (did you mean \"blue\"?)"));
}

TEST(Paths, BeginAtHomeWithATilde) {
  const std::string home = std::getenv("HOME");
  EXPECT_EQ(read("folder: ~/carts\n").cart.folder, home + "/carts");
  EXPECT_EQ(read("", {"folder=~/carts"}).cart.folder, home + "/carts");
  EXPECT_EQ(read("folder: \"~\"\n").cart.folder, home);
  EXPECT_EQ(read("folder: a~b/c~\n").cart.folder, "a~b/c~");
  EXPECT_THAT(read("folder: ~jane/carts\n").problems, ElementsAre(testing::HasSubstr("begins with ~ and a name")));
  EXPECT_THAT(read("folder: ./~/carts\n").problems, ElementsAre(testing::HasSubstr("a folder of the name ~")));
}

TEST(Optional, IsTakenBackByNull) {
  EXPECT_EQ(read("load: 3\n").cart.load, 3);
  EXPECT_EQ(read("load: 3\n", {"load=null"}).cart.load, std::nullopt);
}

TEST(Schema, HasFormsDefaultsAndWhatMustBeThere) {
  const OrderedJson schema = config_schema<Cart>();
  EXPECT_EQ(schema["properties"]["device"]["anyOf"][0]["enum"], OrderedJson({"auto", "horse"}));
  EXPECT_EQ(schema["properties"]["device"]["anyOf"][1]["pattern"], "^(horse:[0-9])$");
  EXPECT_EQ(schema["properties"]["wheel"]["properties"]["size"]["exclusiveMinimum"], 0);
  EXPECT_EQ(schema["properties"]["device"]["default"], "auto");
  EXPECT_THAT(schema["properties"]["folder"]["description"].get<std::string>(), testing::HasSubstr("a relative path"));
  EXPECT_FALSE(schema["properties"]["folder"].contains("default"));
  EXPECT_TRUE(schema["patternProperties"].contains("^x-"));
  EXPECT_EQ(required_schema<Cart>(), OrderedJson({{"required", OrderedJson::array({"folder"})}}));
}

TEST(Printing, WritesAComment) {
  const OrderedJson json = {{"wheel", {{"size", 1.5}}}, {"load", nullptr}};
  EXPECT_EQ(to_yaml_text(json, {{"load", "empty"}, {"wheel.size", "big"}}),
            "wheel:\n  size: 1.5  # big\nload: null  # empty\n");
}

}  // namespace
}  // namespace hiddenkey
