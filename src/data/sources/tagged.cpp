#include "data/sources/tagged.h"

#include <algorithm>
#include <sstream>

#include "core/error.h"
#include "core/text.h"
#include "data/data_file.h"
#include "data/labels.h"
#include "data/sources/source.h"
#include "data/table.h"
#include "data/table_lines.h"

namespace hiddenkey {
namespace {

std::vector<std::string> fields_of(std::string_view line) {
  std::istringstream stream{std::string(line)};
  std::vector<std::string> fields;
  for (std::string field; stream >> field;) fields.push_back(field);
  return fields;
}

/// Reads the lines of a CoNLL file one after the other.
class ConllReader {
 public:
  ConllReader(const std::string& source, Tags tags) : source_(source), tags_wanted_(tags) {}

  std::vector<TaggedText> read(std::string_view bytes) {
    std::string_view line;
    for (int64_t number = 1; next_line(bytes, line); ++number) take(fields_of(line), number);
    end_text();
    return std::move(texts_);
  }

 private:
  void take(const std::vector<std::string>& fields, int64_t number) {
    if (fields.empty()) return end_text();
    if (fields.front() == "-DOCSTART-" || is_comment(fields)) return;
    if (columns_ == 0) begin(fields.size(), number);
    if (fields.size() != columns_)
      fail_at(source_, number, cat("has ", fields.size(), " columns, the lines before have ", columns_));
    if (text_.words.empty()) text_.line = number;
    text_.words.push_back(fields.front());
    if (tagged_) tags_.push_back(fields.back());
  }

  void begin(std::size_t columns, int64_t number) {
    columns_ = columns;
    if (tags_wanted_ == Tags::kRequired && columns < 2)
      fail_at(source_, number, "has one column; expected a word and its tag");
    tagged_ = tags_wanted_ != Tags::kPassedOver && columns > 1;
  }

  bool is_comment(const std::vector<std::string>& fields) const {
    return text_.words.empty() && fields.front().starts_with('#') && (columns_ == 0 || fields.size() != columns_);
  }

  void end_text() {
    if (text_.words.empty()) return;
    text_.id = std::to_string(texts_.size());
    if (tagged_) text_.tags = std::move(tags_);
    texts_.push_back(std::move(text_));
    text_ = {};
    tags_.clear();
  }

  const std::string& source_;
  Tags tags_wanted_;
  bool tagged_ = false;
  std::size_t columns_ = 0;
  TaggedText text_;
  std::vector<std::string> tags_;
  std::vector<TaggedText> texts_;
};

std::vector<TaggedText> from_table(const Table& table, const TaggedColumns& columns, Tags wanted) {
  const std::size_t words = table.require(columns.words);
  std::optional<std::size_t> tags;
  if (wanted == Tags::kRequired) tags = table.require(columns.tags);
  if (wanted == Tags::kIfThere) tags = table.find(columns.tags);
  const std::optional<std::size_t> id = table.find("id");
  std::vector<TaggedText> texts;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    TaggedText text{id ? table.rows[row][*id] : std::to_string(row), table.list(row, words), {}, table.lines[row]};
    if (tags) text.tags = table.list(row, *tags);
    if (text.words.empty()) fail_at(table.source, text.line, cat("\"", columns.words, "\" is an empty list"));
    if (text.tags && text.tags->size() != text.words.size()) {
      fail_at(table.source, text.line,
              cat("has ", text.words.size(), " words in \"", columns.words, "\" and ", text.tags->size(), " tags in \"",
                  columns.tags, "\""));
    }
    texts.push_back(std::move(text));
  }
  return texts;
}

/// Words and their tags: CoNLL files, and JSONL.
class TaggedSource : public Source {
 public:
  explicit TaggedSource(const TaskConfig& config) : config_(config) {}

  std::filesystem::path file(const std::string& split) const override { return named_file(config_, split); }

  std::vector<TextExample> read(const std::string& split, TaskInfo& task, Notes& notes) const override {
    const std::string path = file(split).string();
    const std::vector<TaggedText> texts = read_texts(path, split == "test" ? Tags::kIfThere : Tags::kRequired);
    if (task.labels.empty()) {
      const bool own = split == "train" || config_.train.empty();
      task.labels = tags_in(own ? texts : read_texts(config_.train, Tags::kRequired), own ? path : config_.train);
    }
    ClassFinder classes(task.labels);
    std::vector<TextExample> examples;
    for (const TaggedText& text : texts) {
      TextExample example = words_of(text);
      if (text.tags) {
        std::vector<int32_t>& labels = example.labels.emplace();
        // A word of a CoNLL file has a line of its own.
        const int64_t step = is_conll(path, config_.format) ? 1 : 0;
        for (std::size_t word = 0; word < text.words.size(); ++word)
          labels.push_back(classes.find((*text.tags)[word], path, text.line + step * static_cast<int64_t>(word)));
      }
      examples.push_back(std::move(example));
    }
    classes.note(notes);
    return examples;
  }

 private:
  std::vector<TaggedText> read_texts(const std::string& path, Tags tags) const {
    return parse_tagged(read_data_file(path), path, is_conll(path, config_.format), tagged_columns(config_), tags);
  }

  static std::vector<std::string> tags_in(const std::vector<TaggedText>& texts, const std::string& path) {
    std::set<std::string> tags;
    for (const TaggedText& text : texts) {
      if (text.tags) tags.insert(text.tags->begin(), text.tags->end());
    }
    return sorted_labels(tags, path + ":", 2);
  }

  const TaskConfig& config_;
};

}  // namespace

TaggedColumns tagged_columns(const TaskConfig& config) {
  TaggedColumns columns;
  if (!config.text_columns.empty()) columns.words = config.text_columns.front();
  if (config.label_column != TaskConfig().label_column) columns.tags = config.label_column;
  return columns;
}

bool is_conll(const std::string& name, const std::string& format) {
  if (!format.empty()) return format == "conll";
  return !name.ends_with(".jsonl") && !name.ends_with(".json");
}

std::vector<TaggedText> parse_tagged(std::string_view bytes, const std::string& source, bool conll,
                                     const TaggedColumns& columns, Tags tags) {
  if (!conll) return from_table(parse_table(bytes, source, TableFormat::kJsonl), columns, tags);
  std::vector<TaggedText> texts = ConllReader(source, tags).read(checked_text(bytes, source));
  if (texts.empty()) throw DataError(cat(source, ": holds no words"));
  return texts;
}

TextExample words_of(const TaggedText& text) {
  TextExample example;
  example.id = text.id;
  example.line = text.line;
  example.words = text.words;
  return example;
}

std::vector<TaggedText> split_into_words(std::string_view bytes) {
  std::vector<TaggedText> texts;
  std::string_view line;
  for (int64_t number = 1; next_line(bytes, line); ++number) {
    std::vector<std::string> words = fields_of(line);
    if (!words.empty()) texts.push_back({std::to_string(texts.size()), std::move(words), {}, number});
  }
  return texts;
}

std::unique_ptr<Source> open_tagged(const TaskConfig& config) { return std::make_unique<TaggedSource>(config); }

}  // namespace hiddenkey
