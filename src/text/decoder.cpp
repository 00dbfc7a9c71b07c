#include "text/decoder.h"

#include <array>
#include <charconv>
#include <optional>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include "core/error.h"
#include "core/text.h"
#include "text/byte_bpe.h"
#include "text/growth.h"
#include "text/unicode.h"

namespace hiddenkey {
namespace {

constexpr const char* kMark = "\u2581";
constexpr const char* kReplacement = "\uFFFD";

void replace_all(std::string& text, std::string_view pattern, std::string_view content) {
  text = replaced<char>(text, pattern, content, std::string::npos);
}

std::size_t size_of(const std::vector<std::string>& tokens) {
  std::size_t size = 0;
  for (const std::string& token : tokens) size += token.size();
  return size;
}

template <class Step>
std::vector<std::string> run(const Step& step, std::vector<std::string> tokens, std::size_t most) {
  if constexpr (std::is_same_v<Step, ReplaceDecoder>) {
    return step.apply(std::move(tokens), most);
  } else {
    return step.apply(std::move(tokens));
  }
}

const std::unordered_map<char32_t, char>& character_bytes() {
  static const auto made = [] {
    std::unordered_map<char32_t, char> bytes;
    for (int b = 0; b < 256; ++b)
      bytes.emplace(decode_utf8(byte_character(static_cast<unsigned char>(b)))[0], static_cast<char>(b));
    return bytes;
  }();
  return made;
}

/// The bytes that a token's characters stand for, or the token itself where one stands for none.
std::string shown_bytes(const std::string& token) {
  std::string bytes;
  for (const char32_t c : decode_utf8(token)) {
    const auto byte = character_bytes().find(c);
    if (byte == character_bytes().end()) return token;
    bytes += byte->second;
  }
  return bytes;
}

using Replacement = std::pair<const char*, const char*>;

/// What WordPiece's decoder does to each token, in this order.
constexpr std::array<Replacement, 11> kWordPieceEnglish = {{{" .", "."},
                                                            {" ?", "?"},
                                                            {" !", "!"},
                                                            {" ,", ","},
                                                            {" ' ", "'"},
                                                            {" n't", "n't"},
                                                            {" 'm", "'m"},
                                                            {" do not", " don't"},
                                                            {" 's", "'s"},
                                                            {" 've", "'ve"},
                                                            {" 're", "'re"}}};

void clean(std::string& text) {
  for (const auto& [from, to] : kWordPieceEnglish) replace_all(text, from, to);
}

std::optional<char> byte_of(const std::string& token) {
  if (token.size() != 6 || !token.starts_with("<0x") || token.back() != '>') return std::nullopt;
  unsigned value = 0;
  const char* end = token.data() + 5;
  const auto [stop, error] = std::from_chars(token.data() + 3, end, value, 16);
  return error == std::errc() && stop == end ? std::make_optional(static_cast<char>(value)) : std::nullopt;
}

}  // namespace

std::vector<std::string> ByteLevelDecoder::apply(const std::vector<std::string>& tokens) const {
  std::string bytes;
  for (const std::string& token : tokens) bytes += shown_bytes(token);
  return {encode_utf8(decode_utf8(bytes))};
}

std::vector<std::string> WordPieceDecoder::apply(std::vector<std::string> tokens) const {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    std::string& token = tokens[i];
    if (i > 0 && token.starts_with(prefix)) {
      token.erase(0, prefix.size());
    } else if (i > 0) {
      token.insert(0, " ");
    }
    if (cleanup) clean(token);
  }
  return tokens;
}

std::vector<std::string> ReplaceDecoder::apply(std::vector<std::string> tokens, std::size_t most) const {
  std::size_t size = 0;
  for (std::string& token : tokens) {
    token = replaced<char>(token, pattern, content, most - size);
    size += token.size();
    if (size > most) break;
  }
  return tokens;
}

std::vector<std::string> ByteFallbackDecoder::apply(const std::vector<std::string>& tokens) const {
  std::vector<std::string> result;
  std::string bytes;
  const auto end_run = [&] {
    if (bytes.empty()) return;
    // A broken sequence does not survive being read and written.
    const bool valid = encode_utf8(decode_utf8(bytes)) == bytes;
    for (std::size_t i = 0; !valid && i < bytes.size(); ++i) result.emplace_back(kReplacement);
    if (valid) result.push_back(bytes);
    bytes.clear();
  };
  for (const std::string& token : tokens) {
    if (const auto byte = byte_of(token)) {
      bytes += *byte;
      continue;
    }
    end_run();
    result.push_back(token);
  }
  end_run();
  return result;
}

std::vector<std::string> FuseDecoder::apply(const std::vector<std::string>& tokens) const { return {join(tokens, "")}; }

std::vector<std::string> StripDecoder::apply(std::vector<std::string> tokens) const {
  for (std::string& token : tokens) {
    for (std::size_t i = 0; i < start && token.starts_with(content); ++i) token.erase(0, content.size());
    for (std::size_t i = 0; i < stop && token.ends_with(content); ++i) token.resize(token.size() - content.size());
  }
  return tokens;
}

std::vector<std::string> MetaspaceDecoder::apply(std::vector<std::string> tokens) const {
  for (std::size_t i = 0; i < tokens.size(); ++i) replace_all(tokens[i], mark, i == 0 && prepended ? "" : " ");
  return tokens;
}

std::string Decoder::decode(std::vector<std::string> tokens) const {
  const std::size_t size = size_of(tokens), most = longest_result(size);
  for (const Step& step : steps_) {
    tokens = std::visit([&](const auto& made) { return run(made, std::move(tokens), most); }, step);
    if (size_of(tokens) > most)
      throw ModelError(cat(source_, ": makes more than ", most, " bytes of tokens of ", size));
  }
  return join(tokens, steps_.empty() ? " " : "");
}

Decoder llama_decoder(bool prefix_space) {
  Decoder decoder;
  decoder.add(ReplaceDecoder{kMark, " "});
  decoder.add(ByteFallbackDecoder{});
  decoder.add(FuseDecoder{});
  if (prefix_space) decoder.add(StripDecoder{" ", 1, 0});
  return decoder;
}

void add_clean_up(Decoder& decoder) {
  decoder.add(FuseDecoder{});
  for (const auto& [from, to] : kWordPieceEnglish) {
    // Transformers, other than `tokenizers`, leaves these two words.
    if (std::string_view(from) != " do not") decoder.add(ReplaceDecoder{from, to});
  }
}

}  // namespace hiddenkey
