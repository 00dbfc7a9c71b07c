#pragma once

#include "config/fields.h"
#include "settings/config_values.h"
#include "settings/run_config.h"

// The keys of the sections `dropout` and `consistency`.

namespace hiddenkey {

/// The section of one position.
struct PositionSection {
  const PositionRow& row;
  DropoutConfig& config;
};

template <class Visitor>
void visit_fields(Visitor& visit, PositionSection& c) {
  PositionDropout& dropout = c.config.positions[c.row.position];
  visit(Field{.name = "rate", .help = "drop rate", .limits = rate()}, dropout.rate);
  visit(Field{"pattern", "what is dropped together"}, dropout.pattern);
  if (c.row.position == Position::kWeights)
    visit(Field{"grad_through_norm", "let the gradient through the renormalisation, which makes it DropKey"},
          c.config.grad_through_norm);
  if (c.row.position == Position::kHidden)
    visit(Field{"site", "after the activation, or on the FFN's output"}, c.config.hidden_site);
}

template <class Visitor>
void visit_fields(Visitor& visit, DropoutConfig& c) {
  LayerChoice layers{c.layers};
  visit(Field{.name = "scheme",
              .help = "a named scheme sets which positions are on; custom takes the rates as they are",
              .elsewhere = {{"drop_key", "dropkey"},
                            {"drop-key", "dropkey"},
                            {"hidden_cut", "hiddencut"},
                            {"cutoff", "hiddencut"},
                            {"drop_attention", "dropattention"},
                            {"off", "none"},
                            {"false", "none"},
                            {"lora", "none"},
                            {"hidden_key", "hiddenkey"},
                            {"hiddenkey_minus", "hiddenkey-"}}},
        c.scheme);
  for (const PositionRow& row : kPositionRows) {
    PositionSection section{row, c};
    visit(Field{row.section, row.help}, section);
  }
  visit(Field{"layers", "auto (encoders: all, decoders: latter_half), all, latter_half, or a list such as [0-5, 8]"},
        layers);
  visit(Field{.name = "pretrained", .help = "replaces the checkpoint's own dropout probabilities", .limits = rate()},
        c.pretrained);
}

template <class Visitor>
void visit_fields(Visitor& visit, ConsistencyConfig& c) {
  visit(Field{.name = "loss",
              .help = "between two passes with different masks; default kl for hiddenkey, else none",
              .elsewhere = {{"r-drop", "kl"}, {"rdrop", "kl"}, {"kl_div", "kl"}, {"jsd", "js"}, {"false", "none"}}},
        c.loss);
  visit(Field{.name = "weight", .help = "factor of the consistency loss", .limits = at_least(0)}, c.weight);
  visit(Field{"backward", "one: the gradient of the first pass alone; both: of both, with the mean of their losses"},
        c.backward);
  visit(Field{"passes", "batched: both at once as a batch of 2B; sequential: one after the other"}, c.passes);
}

}  // namespace hiddenkey
