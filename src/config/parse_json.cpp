#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "config/parse.h"
#include "config/tree_builder.h"
#include "config/utf8.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::json;

/// Counts what the parser has taken, since its events do not say where they are.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* position, std::size_t* taken) : position_(position), taken_(taken) {}
  reference operator*() const { return *position_; }
  CountingIterator& operator++() {
    ++position_;
    ++*taken_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator old = *this;
    ++*this;
    return old;
  }
  bool operator==(const CountingIterator& other) const { return position_ == other.position_; }
  bool operator!=(const CountingIterator& other) const { return position_ != other.position_; }

 private:
  const char* position_;
  std::size_t* taken_;
};

/// Feeds the builder. A token begins at the first character after the last token that is no blank, comma or colon.
class JsonEvents : public nlohmann::json_sax<Json> {
 public:
  JsonEvents(std::string_view text, const std::size_t& taken, TreeBuilder& builder)
      : text_(text), taken_(taken), builder_(builder) {}

  bool null() override { return scalar(Value::Kind::kNull, ""); }
  bool boolean(bool value) override { return scalar(Value::Kind::kPlain, value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return scalar(Value::Kind::kPlain, std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return scalar(Value::Kind::kPlain, std::to_string(value)); }
  bool number_float(number_float_t, const string_t& text) override { return scalar(Value::Kind::kPlain, text); }
  bool string(string_t& value) override { return scalar(Value::Kind::kQuoted, value); }
  bool key(string_t& value) override { return scalar(Value::Kind::kQuoted, value); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return begin(Value::Kind::kMap); }
  bool start_array(std::size_t) override { return begin(Value::Kind::kList); }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }

  bool parse_error(std::size_t position, const std::string& token, const Json::exception& error) override {
    if (error.id == 406) builder_.stop(mark_at(token_begin()), "the number " + token + " is too large");
    builder_.stop(mark_at(position == 0 ? 0 : position - 1), "is no valid JSON: unexpected " + quoted(token));
  }

 private:
  static std::string quoted(const std::string& token) {
    return token.empty() || token == "<U+0000>" ? "end of the text" : "\"" + token.substr(0, 40) + "\"";
  }

  bool scalar(Value::Kind kind, const std::string& text) {
    builder_.scalar(kind, text, next_mark());
    return true;
  }
  bool begin(Value::Kind kind) {
    builder_.begin(kind, next_mark());
    return true;
  }
  bool end() {
    builder_.end();
    last_end_ = taken_;
    return true;
  }

  std::size_t token_begin() const {
    const std::size_t begin = text_.find_first_not_of(" \t\r\n,:", last_end_);
    return begin == std::string_view::npos ? text_.size() : begin;
  }
  TreeBuilder::Mark next_mark() {
    const std::size_t begin = token_begin();
    last_end_ = taken_;
    return mark_at(begin);
  }
  /// Positions come in rising order, but for errors; so that the lines are counted once.
  TreeBuilder::Mark mark_at(std::size_t offset) {
    for (; counted_ < std::min(offset, text_.size()); ++counted_) {
      if (text_[counted_] != '\n') continue;
      ++line_;
      line_begin_ = counted_ + 1;
    }
    return {line_, static_cast<int>(offset < line_begin_ ? 0 : offset - line_begin_) + 1};
  }

  std::string_view text_;
  const std::size_t& taken_;
  TreeBuilder& builder_;
  std::size_t last_end_ = 0;
  std::size_t counted_ = 0;
  std::size_t line_begin_ = 0;
  int line_ = 1;
};

}  // namespace

std::optional<Value> parse_json(std::string_view bytes, const std::string& source, Problems& problems) {
  TreeBuilder builder(source, problems);
  try {
    check_utf8(bytes, builder);
    std::size_t taken = 0;
    JsonEvents events(bytes, taken, builder);
    const char* begin = bytes.data();
    Json::sax_parse(CountingIterator(begin, &taken), CountingIterator(begin + bytes.size(), &taken), &events);
    return builder.take();
  } catch (const ParseStop& stop) {
    problems.push_back(stop.problem);
  }
  return std::nullopt;
}

}  // namespace hiddenkey
