#pragma once

#include "config/fields.h"
#include "settings/config_values.h"
#include "settings/run_config.h"

// The keys of the sections `dropout` and `consistency`.

namespace hiddenkey {

template <class Visitor>
void visit_fields(Visitor& visit, LogitsDropout& c) {
  visit(Field{.name = "rate", .help = "drop rate", .limits = rate()}, c.rate);
  visit(Field{"pattern", "what is dropped together"}, c.pattern);
}

template <class Visitor>
void visit_fields(Visitor& visit, WeightsDropout& c) {
  visit(Field{.name = "rate", .help = "drop rate", .limits = rate()}, c.rate);
  visit(Field{"pattern", "what is dropped together"}, c.pattern);
  visit(Field{"grad_through_norm", "let the gradient through the renormalisation, which makes it DropKey"},
        c.grad_through_norm);
}

template <class Visitor>
void visit_fields(Visitor& visit, HiddenDropout& c) {
  visit(Field{.name = "rate", .help = "drop rate", .limits = rate()}, c.rate);
  visit(Field{"pattern", "what is dropped together"}, c.pattern);
  visit(Field{"site", "after the activation, or on the FFN's output"}, c.site);
}

template <class Visitor>
void visit_fields(Visitor& visit, PlainDropout& c) {
  visit(Field{.name = "rate", .help = "drop rate", .limits = rate()}, c.rate);
  visit(Field{"pattern", "what is dropped together"}, c.pattern);
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
  visit(Field{"logits", "attention logits (DropKey)"}, c.logits);
  visit(Field{"weights", "attention weights (DropAttention)"}, c.weights);
  visit(Field{"hidden", "FFN hidden representation (HiddenCut)"}, c.hidden);
  visit(Field{"input", "embedding output"}, c.input);
  visit(Field{"output", "representation that enters the task head"}, c.output);
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
