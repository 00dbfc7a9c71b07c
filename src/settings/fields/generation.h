#pragma once

#include "config/fields.h"
#include "generate/search_settings.h"
#include "settings/config_values.h"
#include "settings/run_config.h"

// The keys of the section `generation`.

namespace hiddenkey {

/// Keys that are not given are as the model's generation_config.json says, then as the help does.
template <class Visitor>
void visit_fields(Visitor& visit, SearchSettings& c) {
  visit(Field{.name = "max_new_tokens",
              .help = "the most tokens of a text; not given: as the model's generation_config.json says (as for all "
                      "keys of the search), or 128",
              .limits = between(1, 1 << 20)},
        c.max_new_tokens);
  visit(Field{.name = "min_new_tokens", .help = "a text does not end before; or 0", .limits = between(0, 1 << 20)},
        c.min_new_tokens);
  visit(Field{.name = "num_beams", .help = "above 1: beam search; or 1", .limits = between(1, 1024)}, c.num_beams);
  visit(Field{"length_penalty", "power of a beam's length that its score is divided by; or 1"}, c.length_penalty);
  visit(Field{.name = "no_repeat_ngram_size",
              .help = "no run of so many tokens stands twice; or 0: any may",
              .limits = between(0, 1024)},
        c.no_repeat_ngram_size);
  visit(Field{"repetition_penalty", "above 1 makes tokens that have occurred less likely; or 1"}, c.repetition_penalty);
  visit(Field{"early_stopping", "stop at num_beams finished texts, though a better one might follow; or false"},
        c.early_stopping);
  visit(Field{"do_sample", "draw tokens instead of taking the likeliest; or false"}, c.do_sample);
  visit(Field{"temperature", "divides the logits of sampling; or 1"}, c.temperature);
  visit(Field{.name = "top_k", .help = "sample among the k likeliest tokens; 0: all; or 50", .limits = at_least(0)},
        c.top_k);
  visit(Field{"top_p", "sample among the likeliest tokens that together have this probability; or 1"}, c.top_p);
  visit(Field{.name = "seed", .help = "of sampling; or 42", .limits = at_least(0)}, c.seed);
  visit(Field{"stop", "texts that end a text, which is cut before them; or none"}, c.stop);
}

template <class Visitor>
void visit_fields(Visitor& visit, GenerationConfig& c) {
  visit(Field{"every", "when the text of a dev split is measured: end, never, or a number of epochs"}, c.every);
  visit(Field{.name = "limit", .help = "prompts of a split, from its beginning; 0: all", .limits = at_least(0)},
        c.limit);
  visit(Field{.name = "batch_size", .help = "prompts of a batch", .limits = between(1, 65536)}, c.batch_size);
  visit_fields(visit, c.search);
  visit(Field{.name = "meteor_data",
              .help = "METEOR's table of paraphrases, its data/paraphrase-en.gz; without one METEOR does without",
              .is_path = true},
        c.meteor_data);
}

}  // namespace hiddenkey
