#pragma once

#include "core/folder_files.h"
#include "text/tokenizer_spec.h"

/// The vocabularies of older folders, each into the spec's vocabulary (and merges), without the steps around them.
namespace hiddenkey {

/// vocab.txt: a token a line, without white space behind it. Of equal tokens the last one counts, with a warning.
void read_vocab_txt(const FolderFiles& files, TokenizerSpec& spec);

/// sentencepiece.bpe.model with the ids of fairseq: `first` stand before all pieces but the model's own first three,
/// and `last` behind them. The pieces are scored.
void read_fairseq_pieces(const SentencePiece& model, const std::vector<std::string>& first, const std::string& last,
                         const std::string& source, TokenizerSpec& spec);

/// vocab.json, and merges.txt beside it.
void read_vocab_json(const FolderFiles& files, TokenizerSpec& spec);

}  // namespace hiddenkey
