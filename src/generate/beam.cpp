#include "generate/beam.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "generate/never.h"
#include "generate/processors.h"
#include "generate/rows.h"
#include "io/send.h"

namespace hiddenkey {
namespace {

/// The best continuations of one prompt's beams, in order.
struct Continuations {
  const double* log_prob;  ///< summed over the row
  const double* index;     ///< beam * V + token
  int64_t count, vocabulary;
  int64_t beam(int64_t i) const { return static_cast<int64_t>(index[i]) / vocabulary; }
  int32_t token(int64_t i) const { return static_cast<int32_t>(static_cast<int64_t>(index[i]) % vocabulary); }
};

/// The beams of one prompt. Scores are float32, since Transformers' are.
class Beams {
 public:
  Beams(const Prompt& prompt, const GenerationOptions& options, const Ending& ending, int64_t context)
      : options_(options), ending_(ending), limit_(limit_of(prompt.ids, options, context)) {
    running_.resize(options.num_beams);
    for (Running& beam : running_) beam.row = {&prompt.ids, {}, limit_};
    // The beams begin alike: only the first may be continued.
    for (std::size_t i = 1; i < running_.size(); ++i) running_[i].score = kNever;
  }

  struct Running {
    Row row;
    float score = 0;
    int64_t parent = 0;  ///< the beam that it goes on from
  };
  const std::vector<Running>& running() const { return running_; }

  /// Whether the search of this prompt is over.
  bool advance(const Continuations& next) {
    const std::size_t wanted = running_.size();
    std::vector<Running> all(next.count);
    std::vector<std::optional<Finish>> ends(next.count);
    for (int64_t i = 0; i < next.count; ++i) {
      all[i] = {running_[next.beam(i)].row, static_cast<float>(next.log_prob[i]), next.beam(i)};
      all[i].row.tokens.push_back(next.token(i));
      ends[i] = finish_of(all[i].row.tokens, limit_, ending_);
    }
    const auto length = static_cast<int64_t>(all.front().row.tokens.size());
    for (std::size_t i = 0; i < wanted; ++i) {
      if (ends[i] && all[i].score > kNever) finish(all[i].row.tokens, ranked(all[i].score, length), *ends[i]);
    }
    go_on(std::move(all), ends);
    const bool full = finished_.size() == wanted;
    const bool can_improve =
        running_.front().score > kNever && (!full || best_to_come(length) > finished_.back().score);
    const bool all_end = std::all_of(ends.begin(), ends.end(), [](const auto& end) { return end.has_value(); });
    return !can_improve || all_end || (full && options_.early_stopping == EarlyStopping::kAtOnce);
  }

  /// The best candidates. Where fewer are finished, since all tokens were banned, open beams are among them.
  std::vector<Candidate> best(std::size_t count) {
    for (std::size_t i = 0; finished_.size() < count && i < running_.size(); ++i)
      finished_.push_back({running_[i].row.tokens, running_[i].score, limit_.reason});
    finished_.resize(count);
    return std::move(finished_);
  }

 private:
  /// The score of a beam with so many tokens: in float32 as Transformers has it, unless that overflows.
  double ranked(float score, int64_t length) const {
    const double divisor = std::pow(static_cast<double>(length), options_.length_penalty);
    const float quotient = score / static_cast<float>(divisor);
    return std::isfinite(quotient) && (quotient != 0 || score == 0) ? quotient : score / divisor;
  }

  /// The score that the best open beam is thought to reach.
  double best_to_come(int64_t length) const {
    const bool longer = options_.early_stopping == EarlyStopping::kNever && options_.length_penalty > 0;
    return ranked(running_.front().score, longer ? limit_.tokens : length);
  }

  void finish(TokenIds tokens, double score, Finish reason) {
    if (reason == Finish::kEndToken) tokens.pop_back();
    const auto worse =
        std::find_if(finished_.begin(), finished_.end(), [&](const Candidate& other) { return other.score < score; });
    finished_.insert(worse, {std::move(tokens), score, reason});
    if (finished_.size() > running_.size()) finished_.pop_back();
  }

  void go_on(std::vector<Running> all, const std::vector<std::optional<Finish>>& ends) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (ends[i]) all[i].score = kNever;
    }
    std::stable_sort(all.begin(), all.end(), [](const Running& a, const Running& b) { return a.score > b.score; });
    all.resize(running_.size());
    running_ = std::move(all);
  }

  const GenerationOptions& options_;
  const Ending& ending_;
  Limit limit_;
  std::vector<Running> running_;
  std::vector<Candidate> finished_;  ///< the best first
};

/// The prompts of a batch that are not done yet, whose rows stand in the model in this order.
class BeamSearch {
 public:
  BeamSearch(TokenModel& model, const std::vector<Prompt>& prompts, const GenerationOptions& options,
             const Ending& ending)
      : model_(model), options_(options), ending_(ending), results_(prompts.size()), open_(prompts.size()) {
    for (const Prompt& prompt : prompts) beams_.emplace_back(prompt, options, ending, model.context());
    std::iota(open_.begin(), open_.end(), std::size_t{0});
  }

  std::vector<std::vector<Candidate>> run(const std::vector<TokenIds>& prompts) {
    at::Tensor logits = model_.start(prompts, options_.num_beams).repeat_interleave(options_.num_beams, 0);
    processors_.emplace(options_.rules, ending_.end_ids, logits.size(1), logits.device());
    for (;;) {
      advance(logits);
      if (open_.empty()) return std::move(results_);
      check_interrupted(ending_);
      TokenIds ids;
      for_each_beam([&](const Beams::Running& beam) { ids.push_back(beam.row.tokens.back()); });
      logits = model_.step(ids);
    }
  }

 private:
  template <class Visit>
  void for_each_beam(const Visit& visit) const {
    for (const std::size_t prompt : open_) {
      for (const Beams::Running& beam : beams_[prompt].running()) visit(beam);
    }
  }

  /// On the host: [2, prompts, continuations], the summed log-probabilities and their places.
  at::Tensor best_continuations(const at::Tensor& logits_RV) const {
    std::vector<Row> rows;
    std::vector<float> scores;
    for_each_beam([&](const Beams::Running& beam) {
      rows.push_back(beam.row);
      scores.push_back(beam.score);
    });
    at::Tensor log_prob_RV = processors_->renormalize(processors_->apply(logits_RV.log_softmax(-1), rows));
    log_prob_RV += send(at::tensor(scores, at::kFloat), logits_RV.device()).unsqueeze(1);
    const int64_t per_beam = std::max<int64_t>(2, 1 + static_cast<int64_t>(ending_.end_ids.size()));
    const at::Tensor log_prob_PN = log_prob_RV.view({static_cast<int64_t>(open_.size()), -1});
    const auto [value, index] = log_prob_PN.topk(std::min(per_beam * options_.num_beams, log_prob_PN.size(1)));
    return at::stack({value.to(at::kDouble), index.to(at::kDouble)}).cpu();
  }

  void advance(const at::Tensor& logits_RV) {
    const at::Tensor best = best_continuations(logits_RV);
    const int64_t count = best.size(2);
    const double* data = best.const_data_ptr<double>();
    std::vector<std::size_t> open;
    std::vector<int64_t> parents, kept;
    for (std::size_t i = 0; i < open_.size(); ++i) {
      Beams& beams = beams_[open_[i]];
      const int64_t first = static_cast<int64_t>(i) * options_.num_beams;
      const double* own = data + static_cast<int64_t>(i) * count;
      const bool over =
          beams.advance({own, own + static_cast<int64_t>(open_.size()) * count, count, logits_RV.size(1)});
      for (const Beams::Running& beam : beams.running()) parents.push_back(first + beam.parent);
      if (over) {
        results_[open_[i]] = beams.best(static_cast<std::size_t>(options_.num_return_sequences));
        continue;
      }
      open.push_back(open_[i]);
      for (int64_t b = 0; b < options_.num_beams; ++b) kept.push_back(first + b);
    }
    const bool drops = open.size() < open_.size();
    open_ = std::move(open);
    if (open_.empty()) return;
    model_.reorder(parents);
    if (drops) model_.keep(kept);
  }

  TokenModel& model_;
  const GenerationOptions& options_;
  const Ending& ending_;
  std::optional<LogitsProcessors> processors_;
  std::vector<Beams> beams_;  ///< of each prompt
  std::vector<std::vector<Candidate>> results_;
  std::vector<std::size_t> open_;
};

}  // namespace

std::vector<std::vector<Candidate>> beam_search(TokenModel& model, const std::vector<Prompt>& prompts,
                                                const GenerationOptions& options, const Ending& ending) {
  return BeamSearch(model, prompts, options, ending).run(ids_of(prompts));
}

}  // namespace hiddenkey
