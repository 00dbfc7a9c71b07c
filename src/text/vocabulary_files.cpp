#include "text/vocabulary_files.h"

#include "core/error.h"
#include "core/json_file.h"
#include "core/log.h"
#include "core/text.h"
#include "text/unicode.h"

namespace hiddenkey {
namespace {

std::vector<std::string> lines_of(const std::string& bytes) {
  std::vector<std::string> lines = split(bytes, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  for (std::string& line : lines) {
    if (line.ends_with('\r')) line.pop_back();
  }
  return lines;
}

std::string without_space_behind(const std::string& line) {
  const auto last = static_cast<unsigned char>(line.empty() ? 'x' : line.back());
  if (last > 0x20 && last < 0x80) return line;
  std::u32string text = decode_utf8(line);
  while (!text.empty() && is_space(text.back())) text.pop_back();
  return encode_utf8(text);
}

void read_merges(const FolderFiles& files, TokenizerSpec& spec) {
  const char* name = "merges.txt";
  const fs::path path = files.path(name);
  int64_t number = 0;
  for (const std::string& line : lines_of(files.bytes(name))) {
    ++number;
    if (line.empty() || (number == 1 && line.starts_with("#version"))) continue;
    spec.byte_bpe->add_merge(line, spec.vocabulary, cat(path.string(), ":", number));
  }
}

}  // namespace

void read_vocab_txt(const FolderFiles& files, TokenizerSpec& spec) {
  const char* name = "vocab.txt";
  const fs::path path = files.path(name);
  int32_t id = 0;
  std::vector<std::string> twice;
  for (const std::string& line : lines_of(files.bytes(name))) {
    const std::string token = without_space_behind(line);
    const std::string source = cat(path.string(), ":", id + 1);
    if (spec.vocabulary.replace(token, id, source)) twice.push_back(cat("\"", token, "\" (line ", id + 1, ")"));
    ++id;
  }
  if (spec.vocabulary.empty()) throw ModelError(cat(path.string(), ": is empty"));
  constexpr std::size_t kMostNamed = 3;
  if (const std::size_t count = twice.size(); count > 0) {
    twice.resize(std::min(count, kMostNamed));
    log::warning(cat(path.string(), ": ", count, count == 1 ? " token stands" : " tokens stand",
                     " there twice, and the last line counts: ", join(twice, ", "), count > kMostNamed ? ", ..." : ""));
  }
}

void read_fairseq_pieces(const SentencePiece& model, const std::vector<std::string>& first, const std::string& last,
                         const std::string& source, TokenizerSpec& spec) {
  constexpr std::size_t kOwn = 3;  // <unk>, <s> and </s>, whatever their names
  Unigram& unigram = spec.unigram.emplace();
  int32_t next = 0;
  const auto add = [&](const std::string& piece, double score) {
    spec.vocabulary.add(piece, next++, source);
    unigram.add(piece, score);
  };
  for (const std::string& token : first) add(token, 0);
  const std::vector<ScoredPiece> pieces = model.scored_pieces();
  for (std::size_t i = kOwn; i < pieces.size(); ++i) add(pieces[i].text, pieces[i].score);
  add(last, 0);
  if (const std::string table = model.charsmap(); !table.empty()) spec.charsmap.emplace(table, source);
}

void read_vocab_json(const FolderFiles& files, TokenizerSpec& spec) {
  const char* name = "vocab.json";
  const fs::path path = files.path(name);
  const nlohmann::json vocab = parse_json_object(files.bytes(name), path.string());
  for (const auto& [token, id] : vocab.items()) {
    if (!id.is_number_integer() || id < 0 || id > std::numeric_limits<int32_t>::max())
      throw ModelError(cat(path.string(), ": the token \"", token, "\" has no id"));
    spec.vocabulary.add(token, id.get<int32_t>(), path.string());
  }
  if (spec.vocabulary.empty()) throw ModelError(cat(path.string(), ": is empty"));
  spec.byte_bpe.emplace();
  read_merges(files, spec);
}

}  // namespace hiddenkey
