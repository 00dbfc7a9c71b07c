#include "data/holdout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

TaskInfo task_of(TaskKind kind, std::size_t classes = 0) {
  TaskInfo task;
  task.kind = kind;
  for (std::size_t i = 0; i < classes; ++i) task.labels.push_back(cat("class", i));
  return task;
}

/// Examples in the order of their class, as a sorted file has them.
std::vector<TextExample> of_classes(const std::vector<int>& counts) {
  std::vector<TextExample> examples;
  for (std::size_t label = 0; label < counts.size(); ++label) {
    for (int i = 0; i < counts[label]; ++i) examples.emplace_back().label = static_cast<double>(label);
  }
  return examples;
}

TaskConfig folds(int64_t count, int64_t fold, int64_t seed = 0) {
  TaskConfig config;
  config.folds = count;
  config.fold = fold;
  config.split_seed = seed;
  return config;
}

TaskConfig share(double of, int64_t seed = 0) {
  TaskConfig config;
  config.validation_split = of;
  config.split_seed = seed;
  return config;
}

std::map<double, int> labels_held(const std::vector<TextExample>& examples, const std::vector<bool>& held) {
  std::map<double, int> counts;
  for (std::size_t i = 0; i < held.size(); ++i) counts[*examples[i].label] += held[i] ? 1 : 0;
  return counts;
}

int64_t count(const std::vector<bool>& held) { return std::count(held.begin(), held.end(), true); }

TEST(Holdout, PutsEveryExampleIntoOneFoldAndDividesClassesEvenly) {
  const std::vector<TextExample> examples = of_classes({23, 11, 7});
  const TaskInfo task = task_of(TaskKind::kClassification, 3);
  Notes notes;
  std::vector<int> times(examples.size(), 0);
  for (int64_t fold = 1; fold <= 5; ++fold) {
    const std::vector<bool> held = held_out(examples, task, folds(5, fold), notes);
    for (std::size_t i = 0; i < held.size(); ++i) times[i] += held[i] ? 1 : 0;
    EXPECT_NEAR(static_cast<double>(count(held)), 41.0 / 5, 1);
    const std::map<double, int> labels = labels_held(examples, held);
    EXPECT_NEAR(labels.at(0), 23.0 / 5, 1);
    EXPECT_NEAR(labels.at(1), 11.0 / 5, 1);
    EXPECT_NEAR(labels.at(2), 7.0 / 5, 1);
  }
  EXPECT_EQ(times, std::vector<int>(examples.size(), 1));
  EXPECT_TRUE(notes.empty());
}

TEST(Holdout, TakesAShareOfEachClass) {
  const std::vector<TextExample> examples = of_classes({900, 90, 10});
  Notes notes;
  const std::vector<bool> held = held_out(examples, task_of(TaskKind::kClassification, 3), share(0.1), notes);
  EXPECT_EQ(count(held), 100);
  EXPECT_EQ(labels_held(examples, held), (std::map<double, int>{{0, 90}, {1, 9}, {2, 1}}));
}

TEST(Holdout, DependsOnItsSeedAloneAndPicksAtRandomWithinAClass) {
  const std::vector<TextExample> examples = of_classes({50, 50});
  const TaskInfo task = task_of(TaskKind::kClassification, 2);
  Notes notes;
  const std::vector<bool> first = held_out(examples, task, share(0.2, 1), notes);
  EXPECT_EQ(first, held_out(examples, task, share(0.2, 1), notes));
  EXPECT_NE(first, held_out(examples, task, share(0.2, 2), notes));
  std::vector<bool> steps(examples.size(), false);
  for (std::size_t i = 0; i < steps.size(); i += 5) steps[i] = true;
  EXPECT_NE(first, steps);
}

TEST(Holdout, KeepsLowAndHighScoresInEachFold) {
  std::vector<TextExample> examples(100);
  for (std::size_t i = 0; i < examples.size(); ++i) examples[i].label = static_cast<double>(i);
  Notes notes;
  for (int64_t fold = 1; fold <= 4; ++fold) {
    const std::vector<bool> held = held_out(examples, task_of(TaskKind::kRegression), folds(4, fold), notes);
    for (std::size_t begin = 0; begin < examples.size(); begin += 4)
      EXPECT_EQ(std::count(held.begin() + static_cast<long>(begin), held.begin() + static_cast<long>(begin) + 4, true),
                1);
    double sum = 0;
    for (std::size_t i = 0; i < held.size(); ++i) sum += held[i] ? *examples[i].label : 0;
    EXPECT_NE(sum, 25 * 49.5 + 25 * (static_cast<double>(fold) - 2.5));  // as dealing in order would give
  }
}

TEST(Holdout, KeepsTheReferencesOfOneThingTogether) {
  std::vector<TextExample> examples(60);
  for (std::size_t i = 0; i < examples.size(); ++i) examples[i].group = cat(i / 3);
  Notes notes;
  const std::vector<bool> held = held_out(examples, task_of(TaskKind::kGeneration), folds(4, 2), notes);
  EXPECT_EQ(count(held), 15);
  for (std::size_t i = 0; i < examples.size(); i += 3) {
    EXPECT_EQ(held[i], held[i + 1]);
    EXPECT_EQ(held[i], held[i + 2]);
  }
}

TEST(Holdout, RefusesPartsThatAreTooSmall) {
  Notes notes;
  const TaskInfo three = task_of(TaskKind::kClassification, 3);
  const auto message = [&](const TaskConfig& config, const TaskInfo& task, std::size_t examples) {
    std::vector<TextExample> all(examples);
    for (std::size_t i = 0; i < examples; ++i) all[i].label = static_cast<double>(i % 3);
    try {
      held_out(all, task, config, notes);
    } catch (const DataError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message(folds(5, 1), three, 12),
            "task.folds: each of the 5 folds of 12 examples would have 2, and there are 3 classes");
  EXPECT_EQ(message(folds(5, 1), task_of(TaskKind::kRegression), 4),
            "task.folds: each of the 5 folds of 4 examples would have none");
  EXPECT_EQ(message(share(0.1), three, 12),
            "task.validation_split: the part of 12 examples would have 1, and there are 3 classes");
  EXPECT_EQ(message(share(0.5), task_of(TaskKind::kRegression), 1),
            "task.validation_split: the part of 1 examples would have none");
  EXPECT_EQ(message(folds(5, 6), three, 60), "task.fold: is none of the 5 folds");
}

TEST(Holdout, NotesClassesThatNotEveryFoldCanHave) {
  Notes notes;
  held_out(of_classes({40, 3}), task_of(TaskKind::kClassification, 2), folds(5, 1), notes);
  EXPECT_EQ(notes, Notes{"classes with fewer examples than the 5 folds, which not every fold has: class1 (3)"});
}

TEST(Holdout, LeavesTheRestForTrainingInTheFilesOrder) {
  std::vector<TextExample> examples(5);
  for (std::size_t i = 0; i < examples.size(); ++i) examples[i].id = cat(i);
  const std::vector<bool> held = {false, true, false, false, true};
  const auto ids = [&](const char* split) {
    std::string text;
    for (const TextExample& example : take_part(examples, held, split)) text += example.id;
    return text;
  };
  EXPECT_EQ(ids("dev"), "14");
  EXPECT_EQ(ids("train"), "023");
}

}  // namespace
}  // namespace hiddenkey
