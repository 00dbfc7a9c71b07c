#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/dataset.h"

namespace hiddenkey {

/// A text as words, each with its tag as the file names it.
struct TaggedText {
  std::string id;
  std::vector<std::string> words;
  std::optional<std::vector<std::string>> tags;  ///< nothing where the file has none
  int64_t line = 0;
};

/// How words and tags stand in a file.
struct TaggedColumns {
  std::string words = "tokens";
  std::string tags = "tags";
};

/// Whether the tags of a file are read.
enum class Tags {
  kRequired,
  kIfThere,  ///< a CoNLL file of one column has none, nor has JSONL without their key
  kPassedOver,
};

/// The columns that the config names, by default `tokens` and `tags`.
TaggedColumns tagged_columns(const TaskConfig& config);

/// Whether a file of this name, or one whose format the config names, is of CoNLL's kind.
bool is_conll(const std::string& name, const std::string& format);

/// CoNLL: a word a line, its tag in the last of the columns that white space parts, and an empty line behind each text;
/// lines of -DOCSTART- and comments (a # before a text's first word with another number of columns) are passed over.
/// JSONL: an object a line with a list of words and one of as many tags. DataError with the line where something is
/// wrong.
std::vector<TaggedText> parse_tagged(std::string_view bytes, const std::string& source, bool conll,
                                     const TaggedColumns& columns, Tags tags = Tags::kRequired);

/// A text without its tags, as a task has it.
TextExample words_of(const TaggedText& text);

/// Texts a line, cut into words at white space.
std::vector<TaggedText> split_into_words(std::string_view bytes);

}  // namespace hiddenkey
