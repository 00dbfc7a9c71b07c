#include "score/wordnet.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "core/program_folder.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

/// Endings of nouns, verbs and adjectives, and those of their base forms: morphy(7WN), "rules of detachment".
constexpr std::array<std::pair<std::string_view, std::string_view>, 20> kEndings = {{
    {"s", ""},    {"ses", "s"}, {"xes", "x"}, {"zes", "z"}, {"ches", "ch"}, {"shes", "sh"}, {"men", "man"},
    {"ies", "y"}, {"s", ""},    {"ies", "y"}, {"es", "e"},  {"es", ""},     {"ed", "e"},    {"ed", ""},
    {"ing", "e"}, {"ing", ""},  {"er", ""},   {"est", ""},  {"er", "e"},    {"est", "e"},
}};

}  // namespace

WordNet::WordNet(const fs::path& folder) {
  std::uint64_t part_of_speech = 1;
  for (const char* name : {"noun", "verb", "adj", "adv"}) {
    const fs::path index = folder / cat("index.", name), exceptions = folder / cat(name, ".exc");
    for (const fs::path& path : {index, exceptions}) {
      if (!fs::exists(path)) throw ConfigError(cat(path.string(), ": METEOR needs WordNet: install wordnet-base"));
    }
    read_index(index, part_of_speech++);
    read_exceptions(exceptions);
  }
}

std::vector<std::uint64_t> WordNet::synsets(const std::string& word) const {
  std::vector<std::uint64_t> all;
  const auto add = [&](const std::string& form) {
    const auto found = synsets_.find(form);
    if (found != synsets_.end()) all.insert(all.end(), found->second.begin(), found->second.end());
  };
  add(word);
  const auto bases = bases_.find(word);
  if (bases != bases_.end())
    std::for_each(bases->second.begin(), bases->second.end(), add);
  else
    add(base_by_rule(word));
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

std::string WordNet::base_by_rule(const std::string& word) const {
  if (word.size() <= 2 || word.ends_with("ss")) return word;
  for (const auto& [ending, base_ending] : kEndings) {
    if (!word.ends_with(ending)) continue;
    std::string base = word.substr(0, word.size() - ending.size()).append(base_ending);
    if (synsets_.count(base) > 0) return base;
  }
  return {};
}

/// A line has the word, its part of speech, how many synsets it has, pointers and counts, and the synsets at its end.
void WordNet::read_index(const fs::path& path, std::uint64_t part_of_speech) {
  constexpr std::uint64_t kOffsets = 100000000;  // an offset has eight digits
  for (const std::string& line : split(read_file(path), '\n')) {
    if (line.empty() || line.front() == ' ') continue;  // the licence is indented
    std::istringstream fields(line);
    std::string word, kind, field;
    std::size_t count = 0;
    fields >> word >> kind >> count;
    if (word.find('_') != std::string::npos) continue;
    std::vector<std::string> rest;
    while (fields >> field) rest.push_back(field);
    if (!fields.eof() || rest.size() < count) throw DataError(cat(path.string(), ": not an index of WordNet: ", word));
    std::vector<std::uint64_t>& synsets = synsets_[word];
    for (std::size_t i = rest.size() - count; i < rest.size(); ++i)
      synsets.push_back(part_of_speech * kOffsets + std::stoull(rest[i]));
  }
}

void WordNet::read_exceptions(const fs::path& path) {
  for (const std::string& line : split(read_file(path), '\n')) {
    std::istringstream fields(line);
    std::string word, base;
    fields >> word;
    while (fields >> base) bases_[word].push_back(base);
  }
}

const WordNet& installed_wordnet() {
  static const WordNet wordnet(shared_folder("wordnet").value_or("/usr/share/wordnet"));
  return wordnet;
}

}  // namespace hiddenkey
