#include "score/meteor_align.h"

#include <algorithm>
#include <cstdint>
#include <tuple>

namespace hiddenkey {
namespace {

constexpr std::size_t kBeam = 40;

using Words = std::vector<const MeteorWord*>;
/// For each place of the reference the matches that begin there.
using Options = std::vector<std::vector<MeteorMatch>>;

void add_words(const Words& hypothesis, const Words& reference, MeteorStage stage, Options& options) {
  for (std::size_t i = 0; i < reference.size(); ++i) {
    for (std::size_t j = 0; j < hypothesis.size(); ++j) {
      if (matches(*reference[i], *hypothesis[j], stage)) options[i].push_back({i, j, 1, 1, stage});
    }
  }
}

struct Run {
  std::size_t place, words;
};

/// Calls visit(phrase, paraphrase) for each phrase of `from` that a paraphrase of it stands for in `to`.
template <class Visit>
void for_each_paraphrase(const Words& from, const Words& to, const Paraphrases& paraphrases, Visit visit) {
  Paraphrases::Phrase numbers;
  for (const MeteorWord* word : to) numbers.push_back(paraphrases.number(word->text));
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::string phrase;
    for (std::size_t words = 1; i + words <= from.size() && words <= paraphrases.longest(); ++words) {
      phrase += (words > 1 ? " " : "") + from[i + words - 1]->text;
      for (const Paraphrases::Phrase& other : paraphrases.of(phrase)) {
        for (std::size_t j = 0; j + other.size() <= numbers.size(); ++j) {
          if (std::equal(other.begin(), other.end(), numbers.begin() + static_cast<std::ptrdiff_t>(j)))
            visit(Run{i, words}, Run{j, other.size()});
        }
      }
    }
  }
}

/// The table is read both ways.
void add_paraphrases(const Words& hypothesis, const Words& reference, const Paraphrases& paraphrases,
                     Options& options) {
  const auto add = [&](const Run& said, const Run& meant) {
    options[meant.place].push_back({meant.place, said.place, meant.words, said.words, MeteorStage::kParaphrase});
  };
  for_each_paraphrase(reference, hypothesis, paraphrases,
                      [&](const Run& phrase, const Run& other) { add(other, phrase); });
  for_each_paraphrase(hypothesis, reference, paraphrases, add);
}

Options find_options(const Words& hypothesis, const Words& reference, const Paraphrases* paraphrases) {
  Options options(reference.size());
  add_words(hypothesis, reference, MeteorStage::kExact, options);
  if (hypothesis == reference) return options;
  add_words(hypothesis, reference, MeteorStage::kStem, options);
  add_words(hypothesis, reference, MeteorStage::kSynonym, options);
  if (paraphrases != nullptr) add_paraphrases(hypothesis, reference, *paraphrases, options);
  return options;
}

/// What a text's words take part in.
class Used {
 public:
  explicit Used(std::size_t words) : words_(words) {}
  bool at(std::size_t place) const { return words_[place]; }
  bool any(std::size_t place, std::size_t count) const {
    return std::any_of(begin(place), begin(place + count), [](bool used) { return used; });
  }
  void set(std::size_t place, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) words_[place + i] = true;
  }

 private:
  std::vector<bool>::const_iterator begin(std::size_t place) const {
    return words_.begin() + static_cast<std::ptrdiff_t>(place);
  }
  std::vector<bool> words_;
};

std::size_t distance_of(const MeteorMatch& match) {
  return std::max(match.reference, match.hypothesis) - std::min(match.reference, match.hypothesis);
}

/// What decides between paths: the most words, then the fewest chunks, then the least distance.
struct PathRank {
  std::size_t words = 0, chunks = 0, distance = 0;

  bool operator<(const PathRank& other) const {
    return std::tie(other.words, chunks, distance) < std::tie(words, other.chunks, other.distance);
  }
};

/// The alignment of the reference's words so far.
class Path {
 public:
  Path(std::size_t reference, std::size_t hypothesis) : reference_(reference), hypothesis_(hypothesis) {}

  bool is_free(const MeteorMatch& match) const {
    return !reference_.any(match.reference, match.reference_words) &&
           !hypothesis_.any(match.hypothesis, match.hypothesis_words);
  }
  bool is_taken(std::size_t place) const { return reference_.at(place); }
  bool is_inside_match(std::size_t place) const { return place < next_; }

  void reserve(const MeteorMatch& match) {
    reference_.set(match.reference, match.reference_words);
    hypothesis_.set(match.hypothesis, match.hypothesis_words);
  }
  void take(const MeteorMatch& match) {
    reserve(match);
    alignment_.matches.push_back(match);
    const PathRank rank = rank_with(match, distance_);
    words_ = rank.words;
    alignment_.chunks = rank.chunks;
    next_ = match.reference + match.reference_words;
    chunk_end_ = match.hypothesis + match.hypothesis_words;
    in_chunk_ = true;
  }
  void skip() {
    close();
    ++next_;
  }
  void close() {
    if (in_chunk_) ++alignment_.chunks;
    in_chunk_ = false;
  }
  void add_distance(const MeteorMatch& match) { distance_ += distance_of(match); }
  void set_distance(std::size_t distance) { distance_ = distance; }

  PathRank rank() const { return {words_, alignment_.chunks, distance_}; }
  /// The rank that the path gets with a match, or without one, where its distance becomes the given one.
  PathRank rank_with(const MeteorMatch& match, std::size_t distance) const {
    const std::size_t share = match.stage == MeteorStage::kExact ? 1 : 2;
    const std::size_t words = words_ + match.reference_words / share + match.hypothesis_words / share;
    return {words, alignment_.chunks + (in_chunk_ && match.hypothesis != chunk_end_ ? 1 : 0), distance};
  }
  PathRank rank_without(std::size_t distance) const {
    return {words_, alignment_.chunks + (in_chunk_ ? 1 : 0), distance};
  }
  const MeteorAlignment& alignment() const { return alignment_; }

 private:
  MeteorAlignment alignment_;
  Used reference_, hypothesis_;
  std::size_t words_ = 0, distance_ = 0;
  std::size_t next_ = 0, chunk_end_ = 0;  ///< the place behind the last match, in the reference and the hypothesis
  bool in_chunk_ = false;
};

/// The matches of words that have no other: settled before the search. Null where there is none.
std::vector<const MeteorMatch*> find_single(const Options& options, std::size_t hypothesis_words) {
  std::vector<std::size_t> reference(options.size()), hypothesis(hypothesis_words);
  for (const auto& matches : options) {
    for (const MeteorMatch& match : matches) {
      for (std::size_t i = 0; i < match.reference_words; ++i) ++reference[match.reference + i];
      for (std::size_t i = 0; i < match.hypothesis_words; ++i) ++hypothesis[match.hypothesis + i];
    }
  }
  const auto is_single = [&](const MeteorMatch& match) {
    for (std::size_t i = 0; i < match.reference_words; ++i)
      if (reference[match.reference + i] != 1) return false;
    for (std::size_t i = 0; i < match.hypothesis_words; ++i)
      if (hypothesis[match.hypothesis + i] != 1) return false;
    return true;
  };
  std::vector<const MeteorMatch*> single(options.size());
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (options[i].size() == 1 && is_single(options[i].front())) single[i] = &options[i].front();
  }
  return single;
}

/// What may become of a path at one place of the reference. Only the extensions that stay in the beam are made: a text
/// that repeats a word has thousands of them at a place, and each path is as long as the texts.
struct Extension {
  PathRank rank;
  std::size_t order;         ///< of two with the same rank the earlier one counts as the better one
  std::size_t parent;        ///< index of the path that it extends
  const MeteorMatch* match;  ///< null: the path goes on without a match at this place
  bool skips;                ///< whether the place is left without a match

  bool operator<(const Extension& other) const { return std::tie(rank, order) < std::tie(other.rank, other.order); }
};

void extend(Path& path, std::size_t parent, std::size_t place, const std::vector<MeteorMatch>& options,
            const MeteorMatch* single, std::vector<Extension>& next) {
  if (path.is_taken(place)) {
    if (!path.is_inside_match(place)) {
      path.take(*single);
      path.add_distance(*single);
    }
    next.push_back({path.rank(), next.size(), parent, nullptr, false});
    return;
  }
  std::size_t distance = path.rank().distance;
  for (const MeteorMatch& match : options) {
    if (!path.is_free(match)) continue;
    next.push_back({path.rank_with(match, distance), next.size(), parent, &match, false});
    distance += distance_of(match);
  }
  next.push_back({path.rank_without(distance), next.size(), parent, nullptr, true});
}

Path made(const Extension& extension, const std::vector<Path>& paths) {
  Path path = paths[extension.parent];
  if (extension.match != nullptr) path.take(*extension.match);
  if (extension.skips) path.skip();
  path.set_distance(extension.rank.distance);
  return path;
}

/// The best paths behind a place, the best first.
std::vector<Path> best_of(std::vector<Extension>& extensions, const std::vector<Path>& paths) {
  const auto kept = static_cast<std::ptrdiff_t>(std::min(kBeam, extensions.size()));
  std::partial_sort(extensions.begin(), extensions.begin() + kept, extensions.end());
  std::vector<Path> best;
  for (std::ptrdiff_t i = 0; i < kept; ++i) best.push_back(made(extensions[static_cast<std::size_t>(i)], paths));
  return best;
}

}  // namespace

MeteorAlignment align(const Words& hypothesis, const Words& reference, const Paraphrases* paraphrases) {
  const Options options = find_options(hypothesis, reference, paraphrases);
  const std::vector<const MeteorMatch*> single = find_single(options, hypothesis.size());
  std::vector<Path> paths{Path(reference.size(), hypothesis.size())};
  for (const MeteorMatch* match : single) {
    if (match != nullptr) paths.front().reserve(*match);
  }
  std::vector<Extension> next;
  for (std::size_t place = 0; place < reference.size(); ++place) {
    next.clear();
    for (std::size_t i = 0; i < paths.size(); ++i) extend(paths[i], i, place, options[place], single[place], next);
    paths = best_of(next, paths);
  }
  for (Path& path : paths) path.close();
  const auto worse = [](const Path& a, const Path& b) { return a.rank() < b.rank(); };
  return std::min_element(paths.begin(), paths.end(), worse)->alignment();
}

}  // namespace hiddenkey
