#pragma once

#include "config/fields.h"
#include "settings/config_values.h"
#include "settings/run_config.h"

// The keys of the section `lora`.

namespace hiddenkey {

template <class Visitor>
void visit_fields(Visitor& visit, LoraConfig& c) {
  TargetModules targets{c.target_modules, c.target_regex};
  visit(Field{.name = "r", .help = "rank", .limits = between(1, 4096)}, c.r);
  visit(Field{.name = "alpha", .help = "the update is scaled by alpha / r", .limits = above(0)}, c.alpha);
  visit(
      Field{.name = "target_modules",
            .help = "names or suffixes of linear layers, a regex as one text, all-linear, or auto: what PEFT takes for "
                    "the family",
            .examples = {R"("auto")", R"(["query", "value"])", R"(["q_proj", "v_proj"])", R"("all-linear")"}},
      targets);
  visit(Field{.name = "layers_to_transform",
              .help = "the layers, from 0, in which names of target_modules find modules; empty: all",
              .limits = at_least(0),
              .examples = {"[0, 1]"}},
        c.layers_to_transform);
  visit(Field{.name = "rank_pattern",
              .help = "ranks of single modules, by names, ends of names or regexes: the first that fits counts",
              .limits = between(1, 4096),
              .examples = {R"({"layer.0.attention.self.query": 16})"}},
        c.rank_pattern);
  visit(Field{.name = "alpha_pattern", .help = "likewise, alphas of single modules", .limits = above(0)},
        c.alpha_pattern);
  visit(Field{.name = "dropout", .help = "rate on the adapters' own input", .limits = rate()}, c.dropout);
  visit(Field{"use_rslora", "scale by alpha / sqrt(r) instead"}, c.use_rslora);
  visit(Field{"use_dora", "DoRA: adapters turn the rows of a weight, whose lengths are trained apart"}, c.use_dora);
  visit(Field{"modules_to_save", "modules to train and save whole, beside the task head"}, c.modules_to_save);
}

}  // namespace hiddenkey
