#include "settings/run_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "settings/foreign_keys.h"

namespace hiddenkey {
namespace {

class ConfigFile : public testing::Test {
 protected:
  fs::path path_ = fs::path(testing::TempDir()) / ("hiddenkey-config-" + std::to_string(::getpid()) + ".yaml");
  void TearDown() override { fs::remove(path_); }

  RunConfig load(const std::string& text, const std::vector<std::string>& overrides = {}) {
    write_file_atomically(path_, "model: {path: m}\noutput_dir: o\n" + text);
    return require_run_config(path_, overrides);
  }
};

TEST_F(ConfigFile, ASchemeSetsItsPositionsAndItsLoss) {
  const RunConfig key = load("task: {name: rte, data_dir: d}\ndropout: {scheme: hiddenkey, hidden: {rate: 0.2}}\n");
  EXPECT_EQ(key.dropout.positions[Position::kLogits].rate, 0.1);
  EXPECT_EQ(key.dropout.positions[Position::kHidden].rate, 0.2);
  EXPECT_EQ(key.dropout.positions[Position::kWeights].rate, 0.0);
  EXPECT_EQ(key.consistency.loss, ConsistencyLoss::kKl);
  const RunConfig none = load("task: {name: rte, data_dir: d}\n");
  EXPECT_EQ(none.dropout.positions[Position::kLogits].rate, 0.0);
  EXPECT_EQ(none.consistency.loss, ConsistencyLoss::kNone);
}

TEST_F(ConfigFile, WhatIsPrintedReadsBackAsTheSame) {
  for (const std::string text :
       {"task: {name: rte, data_dir: d}\ndropout: {scheme: hiddenkey, layers: [0-2, 5]}\nlora: {target_modules: "
        "'.*query'}\n",
        "task: {name: classification, train: t.tsv, text_columns: [a, b], labels: [no, yes]}\nmethod: full\ntraining: "
        "{max_steps: 7, epsilon: 1e-8}\nevaluation: {every: 50}\n",
        "task: {name: classification, train: t.tsv, text_columns: [a], labels: [no, 'a.b: c']}\ntraining: "
        "{class_weights: {no: 0.5, 'a.b: c': 2}}\n",
        "task: {name: rte, data_dir: d}\ntraining: {class_weights: auto}\n"}) {
    const std::string printed = to_yaml(load(text));
    write_file_atomically(path_, printed);
    EXPECT_EQ(to_yaml(require_run_config(path_, {})), printed);
  }
}

TEST_F(ConfigFile, WhatASchemeDecidedIsDecidedAnewByAnother) {
  for (const std::string first : {"none", "dropkey", "hiddencut", "hiddenkey"}) {
    const std::string printed = to_yaml(load("task: {name: rte, data_dir: d}\ndropout: {scheme: " + first + "}\n"));
    write_file_atomically(path_, printed);
    const RunConfig key = require_run_config(path_, {"dropout.scheme=hiddenkey"});
    EXPECT_EQ(key.dropout.positions[Position::kLogits].rate, 0.1) << first;
    EXPECT_EQ(key.dropout.positions[Position::kHidden].rate, 0.1) << first;
    EXPECT_EQ(key.consistency.loss, ConsistencyLoss::kKl) << first;
    const RunConfig none = require_run_config(path_, {"dropout.scheme=none"});
    EXPECT_EQ(none.dropout.positions[Position::kLogits].rate, 0.0) << first;
    EXPECT_EQ(none.consistency.loss, ConsistencyLoss::kNone) << first;
  }
}

std::vector<std::string> warnings(const fs::path& path, const std::vector<std::string>& overrides) {
  Problems problems;
  load_run_config(path, overrides, problems);
  EXPECT_EQ(count_errors(problems), 0U);
  std::vector<std::string> texts;
  for (const Problem& problem : problems) texts.push_back(problem.key + ": " + problem.text);
  return texts;
}

// Older versions wrote the zeros and the loss that a scheme implies.
TEST_F(ConfigFile, ASchemeOnTopTakesThePlaceOfWhatTheFileSays) {
  load(
      "task: {name: rte, data_dir: d}\n"
      "dropout: {scheme: none, logits: {rate: 0.0}, weights: {rate: 0.0}, hidden: {rate: 0.0}}\n"
      "consistency: {loss: none, weight: 1.0}\n");
  EXPECT_THAT(
      warnings(path_, {"dropout.scheme=hiddenkey"}),
      testing::ElementsAre("dropout.scheme: hiddenkey takes the place of what the file says: dropout.logits.rate 0 "
                           "becomes 0.1, dropout.hidden.rate 0 becomes 0.1, consistency.loss none becomes kl"));
  load("task: {name: rte, data_dir: d}\ndropout: {scheme: hiddenkey, logits: {rate: 0.2}}\nconsistency: {loss: js}\n");
  EXPECT_EQ(require_run_config(path_, {"dropout.scheme=dropkey"}).dropout.positions[Position::kLogits].rate, 0.2);
  EXPECT_THAT(
      warnings(path_, {"dropout.scheme=hiddencut"}),
      testing::ElementsAre("dropout.scheme: hiddencut takes the place of what the file says: dropout.logits.rate "
                           "0.2 becomes 0, consistency.loss js becomes none"));
  EXPECT_THAT(warnings(path_, {"dropout.scheme=custom"}), testing::IsEmpty());
}

// CTest runs this in the source's folder.
TEST(Recipes, TakeEverySchemeByOneKey) {
  std::size_t recipes = 0;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator("configs")) {
    // A sweep is no config of a run.
    if (entry.path().extension() != ".yaml" || entry.path().parent_path().filename() == "sweeps") continue;
    ++recipes;
    for (const char* scheme : {"none", "dropkey", "dropattention", "hiddencut", "hiddenkey-", "hiddenkey", "custom"}) {
      Problems problems;
      load_run_config(entry.path(), {std::string("dropout.scheme=") + scheme}, problems);
      for (const Problem& problem : problems) {
        const bool of_custom =
            std::string(scheme) == "custom" && problem.text.find("nothing is dropped") != std::string::npos;
        EXPECT_TRUE(of_custom) << scheme << ": " << to_line(problem);
      }
    }
  }
  EXPECT_GE(recipes, 14U);
}

TEST(ForeignKeys, LeadToOurs) {
  const std::pair<const char*, const char*> rows[] = {{"lr", "training.learning_rate"},
                                                      {"num_train_epochs", "training.epochs"},
                                                      {"num_epochs", "training.epochs"},
                                                      {"per_device_train_batch_size", "training.batch_size"},
                                                      {"train_batch_size", "training.batch_size"},
                                                      {"micro_batch_size", "training.batch_size"},
                                                      {"lora_alpha", "lora.alpha"},
                                                      {"lora_r", "lora.r"},
                                                      {"rank", "lora.r"},
                                                      {"gradient_accumulation_steps", "training.gradient_accumulation"},
                                                      {"lora_dropout", "lora.dropout"},
                                                      {"lora.lora_dropout", "lora.dropout"},
                                                      {"lora_target_modules", "lora.target_modules"},
                                                      {"bf16", "model.dtype"},
                                                      {"base_model", "model.path"},
                                                      {"model_name_or_path", "model.path"},
                                                      {"model.name", "model.path"},
                                                      {"eval_steps", "evaluation.every"},
                                                      {"evaluation.steps", "evaluation.every"},
                                                      {"save_steps", "checkpoint.every"},
                                                      {"save_total_limit", "checkpoint.keep"},
                                                      {"logging_steps", "logging.every"},
                                                      {"cutoff_len", "training.max_length"},
                                                      {"lr_scheduler_type", "training.schedule"},
                                                      {"max_seq_length", "training.max_length"},
                                                      {"sequence_len", "training.max_length"},
                                                      {"adam_beta1", "training.betas"},
                                                      {"dropout.ffn", "dropout.hidden"}};
  for (const auto& [theirs, ours] : rows)
    EXPECT_EQ(foreign_key_hint(theirs), std::string(" (did you mean \"") + ours + "\"?)") << theirs;
  EXPECT_EQ(foreign_key_hint("warmup"), " (did you mean \"training.warmup_ratio\" or \"training.warmup_steps\"?)");
  EXPECT_EQ(foreign_key_hint("dataset"), " (did you mean \"task.data_dir\" or \"task.train\"?)");
  EXPECT_THAT(foreign_key_hint("fp16"), testing::HasSubstr("; float16 is not trained"));
  EXPECT_THAT(foreign_key_hint("val_set_size"), testing::HasSubstr("task.validation"));
  EXPECT_EQ(foreign_key_hint("nothing_of_the_kind"), "");
  EXPECT_EQ(foreign_key_hint("lora_dropout lora.rate"), "");
}

TEST(ForeignKeys, LeadToKeysThatThereAre) {
  const std::vector<std::string> keys = run_config_keys();
  for (const std::string key :
       {"lr", "kl", "adapter", "eval", "peft", "train", "dropout.p", "checkpointer", "report_to"}) {
    const std::vector<std::string> parts = split(foreign_key_hint(key), '"');
    ASSERT_GT(parts.size(), 2U) << key;
    for (std::size_t i = 1; i < parts.size(); i += 2) EXPECT_THAT(keys, testing::Contains(parts[i])) << key;
  }
}

TEST_F(ConfigFile, ANamedSchemeThatDropsNothingIsRefused) {
  const std::string task = "task: {name: rte, data_dir: d}\n";
  EXPECT_THROW(load(task + "dropout: {scheme: dropkey, logits: {rate: 0}}\n"), ConfigError);
  EXPECT_THROW(load(task + "dropout: {scheme: dropkey}\n", {"dropout.logits.rate=0"}), ConfigError);
  EXPECT_THROW(load(task + "dropout: {scheme: dropkey}\n", {"dropout.hidden.rate=0.1"}), ConfigError);
  EXPECT_NO_THROW(load(task + "dropout: {scheme: hiddenkey, logits: {rate: 0}}\n"));
  // Whether what was saved is run again is not the question when it is read.
  EXPECT_THROW(load(task + "dropout: {scheme: hiddencut, hidden: {rate: 0.0}}\n"), ConfigError);
  EXPECT_EQ(load_saved_config(path_).dropout.positions[Position::kHidden].rate, 0.0);
}

TEST_F(ConfigFile, ARegressionComparesWhatStandsBeforeTheOutputPosition) {
  const std::string dropout = "dropout: {scheme: custom, output: {rate: 0.1}}\nconsistency: {loss: kl}\n";
  EXPECT_THROW(load("task: {name: stsb, data_dir: d}\n" + dropout), ConfigError);
  EXPECT_NO_THROW(load("task: {name: rte, data_dir: d}\n" + dropout));
}

TEST_F(ConfigFile, KeysWithoutEffectAreNamed) {
  load(
      "task: {name: rte, data_dir: d}\ndropout: {scheme: dropkey, hidden: {pattern: span}}\n"
      "consistency: {weight: 2}\ntraining: {epochs: 2, max_steps: 9, warmup_ratio: 0.1, warmup_steps: 1}\n"
      "evaluation: {every: never, keep_best: true, patience: 3}\n");
  EXPECT_THAT(warnings(path_, {}),
              testing::ElementsAre("dropout.hidden.pattern: does nothing: dropout.hidden.rate is 0",
                                   "consistency.weight: does nothing: there is no consistency loss",
                                   "training.epochs: does nothing: training.max_steps takes its place",
                                   "training.warmup_ratio: does nothing: training.warmup_steps takes its place",
                                   "evaluation.keep_best: does nothing: evaluation.every is never",
                                   "evaluation.patience: does nothing: evaluation.every is never"));
  write_file_atomically(path_, to_yaml(require_run_config(path_, {})));
  EXPECT_THAT(warnings(path_, {}), testing::IsEmpty());
}

TEST_F(ConfigFile, OfTwoRivalsTheOneOnTopIsMeant) {
  const std::string task = "task: {name: rte, data_dir: d}\n";
  EXPECT_EQ(load(task + "training: {max_steps: 9}\n", {"training.epochs=1"}).training.max_steps, std::nullopt);
  EXPECT_EQ(load(task + "training: {epochs: 9}\n", {"training.max_steps=1"}).training.max_steps, 1);
  EXPECT_THAT(warnings(path_, {"training.max_steps=1"}), testing::IsEmpty());
  EXPECT_EQ(load(task + "training: {warmup_steps: 9}\n", {"training.warmup_ratio=0.1"}).training.warmup_steps,
            std::nullopt);
}

TEST_F(ConfigFile, OverridesGoOnTop) {
  const RunConfig config = load("task: {name: rte, data_dir: d}\n",
                                {"training.betas=0.8,0.9", "lora.target_modules=key,value", "model.path=other"});
  EXPECT_EQ(config.training.betas, (std::vector<double>{0.8, 0.9}));
  EXPECT_EQ(config.lora.target_modules, (std::vector<std::string>{"key", "value"}));
  EXPECT_EQ(config.model.path, "other");
}

}  // namespace
}  // namespace hiddenkey
