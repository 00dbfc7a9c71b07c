#pragma once

#include <string>

#include "task/predictions.h"

namespace hiddenkey {

/// What `predict` writes of a prediction for each word. TSV and CSV: a row a word with the example's id, the word, its
/// tag and the tag's probability; CoNLL: the word and its tag, an empty line behind each text; JSONL: an object a text
/// with lists of these. A word that the model did not read, since the text was cut or the tokenizer makes nothing of
/// it, has an empty tag ("_" in CoNLL, null in JSONL).
std::string word_lines(const PredictionTable& table, PredictionFormat format);

/// The same of a split with tags, which stand before what was predicted.
std::string dev_word_lines(const PredictionTable& table, PredictionFormat format);

}  // namespace hiddenkey
