#include "score/paraphrases.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <memory>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

// A small file can unpack to anything: no line and no table of this size is METEOR's.
constexpr std::size_t kLongestLine = 1 << 16, kMostEntries = 20'000'000;

/// The lines of a file that gzip packed, or of one that it did not.
class PackedLines {
 public:
  explicit PackedLines(const fs::path& path) : path_(path), file_(gzopen(path.c_str(), "rb"), gzclose) {
    if (file_ == nullptr || fs::is_directory(path))
      throw IoError(cat(path.string(), ": ", file_ == nullptr ? std::strerror(errno) : "is a folder"));
    gzbuffer(file_.get(), 1 << 18);
  }

  /// False at the end of the file.
  bool next(std::string& line) {
    line.clear();
    while (gzgets(file_.get(), part_.data(), static_cast<int>(part_.size())) != nullptr) {
      line += part_.data();
      if (line.size() > kLongestLine)
        throw DataError(cat(path_.string(), ": has a line of more than ", kLongestLine,
                            " bytes; METEOR's table of paraphrases is expected"));
      if (line.ends_with('\n')) {
        line.pop_back();
        return true;
      }
    }
    int code = Z_OK;
    const char* reason = gzerror(file_.get(), &code);
    if (code != Z_OK) throw DataError(cat(path_.string(), ": ", reason));
    return !line.empty();
  }

 private:
  fs::path path_;
  std::unique_ptr<gzFile_s, int (*)(gzFile)> file_;
  std::array<char, 4096> part_{};
};

template <class Visit>
void for_each_word(std::string_view text, Visit visit) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    if (end > begin) visit(text.substr(begin, end - begin));
    begin = end + 1;
  }
}

bool is_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && std::isfinite(value);
}

struct Entry {
  std::string probability, phrase, paraphrase;
};

/// False at the end of the file.
bool read_entry(PackedLines& lines, const fs::path& file, std::size_t line, Entry& entry) {
  if (!lines.next(entry.probability)) return false;
  if (!is_number(entry.probability) || !lines.next(entry.phrase) || !lines.next(entry.paraphrase))
    throw DataError(cat(file.string(), ":", line, ": expected a probability and two lines of phrases"));
  return true;
}

}  // namespace

Paraphrases::Paraphrases(fs::path file) : file_(std::move(file)) {
  PackedLines lines(file_);
  Entry first;
  if (!read_entry(lines, file_, 1, first))
    throw DataError(cat(file_.string(), ": is empty; METEOR's table of paraphrases is expected"));
}

void Paraphrases::cover(const std::unordered_set<std::string>& words) {
  const std::size_t known = words_.size();
  words_.insert(words.begin(), words.end());
  if (words_.size() == known) return;
  numbers_.clear();
  table_.clear();
  PackedLines lines(file_);
  Entry entry;
  std::size_t kept = 0;
  for (std::size_t line = 1; read_entry(lines, file_, line, entry); line += 3) {
    if (!is_covered(entry.phrase) || !is_covered(entry.paraphrase)) continue;
    if (++kept > kMostEntries)
      throw DataError(cat(file_.string(), ":", line, ": more than ", kMostEntries,
                          " entries are made of the texts' words; METEOR's table has fewer"));
    add(entry.phrase, entry.paraphrase);
  }
}

bool Paraphrases::is_covered(std::string_view phrase) const {
  bool covered = true;
  for_each_word(phrase, [&](std::string_view word) { covered = covered && words_.count(std::string(word)) > 0; });
  return covered;
}

void Paraphrases::add(std::string_view phrase, std::string_view paraphrase) {
  Phrase numbers;
  for_each_word(paraphrase, [&](std::string_view word) {
    numbers.push_back(
        numbers_.try_emplace(std::string(word), static_cast<std::uint32_t>(numbers_.size())).first->second);
  });
  std::size_t length = 0;
  for_each_word(phrase, [&](std::string_view) { ++length; });
  longest_ = std::max(longest_, length);
  table_[std::string(phrase)].push_back(std::move(numbers));
}

std::uint32_t Paraphrases::number(const std::string& word) const {
  const auto found = numbers_.find(word);
  return found == numbers_.end() ? kNoWord : found->second;
}

const std::vector<Paraphrases::Phrase>& Paraphrases::of(const std::string& phrase) const {
  static const std::vector<Phrase> kNone;
  const auto found = table_.find(phrase);
  return found == table_.end() ? kNone : found->second;
}

}  // namespace hiddenkey
