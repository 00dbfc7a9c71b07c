#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "cli/command_list.h"
#include "cli/completion.h"
#include "cli/path_options.h"
#include "cli/usage.h"

namespace hiddenkey {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

/// A program with one command, which takes keys of the config.
class Program : public testing::Test {
 protected:
  Program() : program_("Trains", "hiddenkey") {
    CLI::App* train = program_.add_subcommand("train", "Trains by a config");
    train->add_option("CONFIG", config_, "The config file")->required()->check(CLI::ExistingPath);
    train->add_option("--labels", labels_, "Class names")->delimiter(',')->expected(1, -1);
    train->add_flag("--resume", resume_, "Go on with a run");
    train->add_option("key=value", keys_, "Keys of the config");
    program_.add_subcommand("eval", "Measures a run");
    program_.require_subcommand(1);
  }

  /// The message for a command line that cannot be parsed.
  std::string message(std::vector<std::string> arguments) {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    try {
      program_.parse(reversed);
    } catch (const CLI::ParseError& error) {
      return usage_message(program_, error, arguments);
    }
    return "";
  }

  CLI::App program_;
  std::string config_;
  bool resume_ = false;
  std::vector<std::string> labels_, keys_;
};

TEST_F(Program, SuggestsTheCommandThatIsMeant) {
  EXPECT_EQ(message({"trian"}), "\"trian\" is no command (did you mean \"train\"?); see hiddenkey --help");
  EXPECT_THAT(message({"help"}), HasSubstr("hiddenkey --help, or hiddenkey COMMAND --help, shows it"));
  EXPECT_THAT(message({"-V"}), HasSubstr("hiddenkey --version shows it"));
}

TEST_F(Program, SuggestsTheOptionThatIsMeant) {
  EXPECT_THAT(message({"train", ".", "--resme"}),
              HasSubstr("\"--resme\" is no option of train (did you mean \"--resume\"?)"));
  EXPECT_THAT(message({"eval", "a", "b"}), HasSubstr("\"a\" is one argument too many; see hiddenkey eval --help"));
}

TEST_F(Program, TellsHowAKeyOfTheConfigIsGiven) {
  EXPECT_EQ(message({"train", ".", "--training.seed", "3"}),
            "\"--training.seed\" is a key of the config, which is given as training.seed=3");
  EXPECT_EQ(message({"train", ".", "--learning-rate=1e-3"}),
            "\"--learning-rate\" is a key of the config, which is given as training.learning_rate=1e-3");
  EXPECT_THAT(message({"train", ".", "--rate", "0.1"}), HasSubstr("is no option of train"))
      << "several keys are called rate";
}

TEST_F(Program, AListLeavesTheKeysBehindItAlone) {
  keep_lists_from_overrides(program_);
  EXPECT_EQ(message({"train", ".", "--labels", "no,yes", "training.seed=1"}), "");
  EXPECT_THAT(labels_, ElementsAre("no", "yes"));
  EXPECT_THAT(keys_, ElementsAre("training.seed=1"));
}

TEST_F(Program, AHomeFolderInAPathIsExpanded) {
  const std::string home = testing::TempDir();
  setenv("HOME", home.c_str(), 1);
  expand_home_in_paths(program_);
  EXPECT_EQ(message({"train", "~"}), "");
  EXPECT_EQ(config_, home);
}

TEST_F(Program, IsListedForShellsAndPages) {
  const std::vector<ListedCommand> commands = listed_commands(program_);
  ASSERT_EQ(commands.size(), 2U);
  EXPECT_EQ(commands[0].name, "train");
  EXPECT_TRUE(commands[0].takes_keys);
  EXPECT_FALSE(commands[1].takes_keys);
  const std::vector<ListedKey> keys = listed_keys();
  const auto scheme =
      std::find_if(keys.begin(), keys.end(), [](const ListedKey& key) { return key.name == "dropout.scheme"; });
  ASSERT_NE(scheme, keys.end());
  EXPECT_THAT(scheme->choices, Contains("hiddenkey"));
  for (const std::string& script :
       {bash_completion(commands, keys), zsh_completion(commands, keys), fish_completion(commands, keys)}) {
    EXPECT_THAT(script, HasSubstr("resume"));
    EXPECT_THAT(script, HasSubstr("dropout.scheme"));
  }
  EXPECT_THAT(manual_page(commands, "train"), HasSubstr("Trains by a config"));
}

}  // namespace
}  // namespace hiddenkey
