#pragma once

#include "config/codec.h"
#include "sweep/sweep_file.h"

// How the values of a sweep file are read that no run's config has. They are read only: the tree itself is what is
// printed.

namespace hiddenkey {

/// Members that Codec asks for, for a type that is an empty section or list where it is not given.
template <class T>
struct SweepCodec {
  static void read(const Value& value, const Field& field, const std::string& key, T& target, Problems& problems);
  static OrderedJson to_json(const T&);
  static OrderedJson schema(const Field&);
};

template <>
struct Codec<Axes> : SweepCodec<Axes> {};
template <>
struct Codec<PairedAxes> : SweepCodec<PairedAxes> {};
template <>
struct Codec<NamedCells> : SweepCodec<NamedCells> {};
template <>
struct Codec<Exclusions> : SweepCodec<Exclusions> {};
template <>
struct Codec<Parameters> : SweepCodec<Parameters> {};
template <>
struct Codec<InlineConfig> : SweepCodec<InlineConfig> {};

template <class Visitor>
void visit_fields(Visitor& visit, RandomSearch& c) {
  visit(Field{.name = "trials", .help = "cells to draw; each is trained with every seed", .limits = between(1, 100000)},
        c.trials);
  visit(Field{.name = "seed", .help = "of the draws, which are the same on every machine", .limits = at_least(0)},
        c.seed);
  visit(Field{"parameters", "what is drawn: {KEY: {uniform: [LOW, HIGH]}}, log_uniform likewise, or {choice: [...]}"},
        c.parameters);
}

template <class Visitor>
void visit_fields(Visitor& visit, Halving& c) {
  visit(Field{.name = "rungs",
              .help = "shares of a trial's steps, rising, behind which all trials wait for each other. A low one "
                      "selects against strong dropout, which learns more slowly at first",
              .limits = {.min = 0, .max = 1, .min_included = false, .max_included = false},
              .examples = {"[0.5]"}},
        c.rungs);
  visit(Field{.name = "keep",
              .help = "share of the cells that goes on at each rung, by the mean of the metric over their trials",
              .limits = {.min = 0, .max = 1, .min_included = false, .max_included = false}},
        c.keep);
}

template <class Visitor>
void visit_fields(Visitor& visit, SweepFile& c) {
  visit(Field{"base", "the config that the trials vary; a relative path begins in the folder of this file"}, c.base);
  visit(Field{"config", "keys of a config, on top of base or instead of one"}, c.config);
  visit(Field{"seeds", "every cell is trained with each; default: the config's training.seed"}, c.seeds);
  visit(Field{"grid", "axes, whose product is trained: a config key and a list of its values each"}, c.grid);
  visit(Field{"paired", "groups of axes whose values move together; a group is one axis of the product"}, c.paired);
  visit(Field{"trials", "cells beside the grid: settings, and a name"}, c.trials);
  visit(Field{"random", "cells that are drawn, instead of a grid"}, c.random);
  visit(Field{"exclude", "settings; the cells of grid or random that have all of one entry's are left out"}, c.exclude);
  visit(Field{.name = "folds",
              .help = "cross-validation: every cell and seed is trained so many times, each time with another part of "
                      "the training file, stratified, as its dev split",
              .limits = between(2, 1000)},
        c.folds);
  visit(Field{"halving", "pauses trials on their way and goes on with the best cells alone"}, c.halving);
  visit(Field{"metric", "what the cells are compared by; default: the task's"}, c.metric);
  visit(Field{"compare_to", "the cell that differences and p-values refer to"}, c.compare_to);
  visit(Field{.name = "workers",
              .help = "trials at once; processors and GPUs are shared out among them",
              .limits = between(1, 1024)},
        c.workers);
  visit(Field{.name = "retries", .help = "how often a trial that failed is tried again", .limits = between(0, 100)},
        c.retries);
  visit(Field{.name = "output_dir",
              .help = "folder of the sweep",
              .is_path = true,
              .required = true,
              .examples = {R"("sweeps/rte")"}},
        c.output_dir);
}

}  // namespace hiddenkey
