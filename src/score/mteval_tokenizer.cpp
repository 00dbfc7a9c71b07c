#include "score/mteval_tokenizer.h"

#include "score/lowercase.h"
#include "text/unicode.h"

// The rules are substitutions that go over the text one after the other. No byte of a longer character is ASCII, so
// that they work on bytes; a match consumes both of its bytes, and the next one begins behind them.
namespace hiddenkey {
namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t i = text.find(from); i != std::string::npos; i = text.find(from, i + to.size())) {
    text.replace(i, from.size(), to);
  }
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_stop(char c) { return c == '.' || c == ','; }

/// ASCII punctuation without ' - . ,
bool stands_alone(char c) {
  const auto within = [c](char first, char last) { return c >= first && c <= last; };
  return within('{', '~') || within('[', '`') || within(' ', '&') || within('(', '+') || within(':', '@') || c == '/';
}

std::string separate_punctuation(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (stands_alone(c)) {
      (result += ' ') += c;
      result += ' ';
    } else {
      result += c;
    }
  }
  return result;
}

/// Each pair of bytes that `matches` becomes three pieces: before, between and behind them is a space where it says so.
template <class Matches>
std::string separate_pairs(const std::string& text, Matches matches, const char* before, const char* behind) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i + 1 < text.size() && matches(text[i], text[i + 1])) {
      ((result += before) += text[i]) += ' ';
      (result += text[i + 1]) += behind;
      ++i;
    } else {
      result += text[i];
    }
  }
  return result;
}

std::vector<std::string> split_at_spaces(const std::string& text) {
  std::vector<std::string> tokens;
  std::string token;
  const auto end_token = [&] {
    if (!token.empty()) tokens.push_back(token);
    token.clear();
  };
  for (const char32_t c : decode_utf8(text)) {
    // Python's idea of white space has the separators of ASCII too.
    if (is_space(c) || (c >= 0x1C && c <= 0x1F)) {
      end_token();
    } else {
      append_utf8(token, c);
    }
  }
  end_token();
  return tokens;
}

}  // namespace

std::vector<std::string> mteval_tokens(std::string_view text, Casing casing) {
  std::string line = casing == Casing::kLower ? lowercase(text) : std::string(text);
  replace_all(line, "<skipped>", "");
  replace_all(line, "-\n", "");
  replace_all(line, "\n", " ");
  replace_all(line, "&quot;", "\"");
  replace_all(line, "&amp;", "&");
  replace_all(line, "&lt;", "<");
  replace_all(line, "&gt;", ">");
  line = separate_punctuation(" " + line + " ");
  line = separate_pairs(
      line, [](char a, char b) { return !is_digit(a) && is_stop(b); }, "", " ");
  line = separate_pairs(
      line, [](char a, char b) { return is_stop(a) && !is_digit(b); }, " ", "");
  line = separate_pairs(
      line, [](char a, char b) { return is_digit(a) && b == '-'; }, "", " ");
  return split_at_spaces(line);
}

}  // namespace hiddenkey
