#include "generate/search.h"

#include "generate/beam.h"
#include "generate/processors.h"
#include "generate/rows.h"
#include "generate/sampling.h"

namespace hiddenkey {
namespace {

/// Rows that grow on their own: greedily, or as samples.
class RowSearch {
 public:
  RowSearch(TokenModel& model, const std::vector<Prompt>& prompts, const GenerationOptions& options,
            const Ending& ending)
      : model_(model), prompts_(prompts), options_(options), ending_(ending) {
    for (std::size_t prompt = 0; prompt < prompts.size(); ++prompt) {
      const Limit limit = limit_of(prompts[prompt].ids, options, model.context());
      for (int64_t i = 0; i < options.num_return_sequences; ++i) {
        rows_.push_back({&prompts[prompt].ids, {}, limit});
        places_.push_back({prompt, static_cast<std::size_t>(i), 0});
      }
    }
    results_.assign(prompts.size(), std::vector<Candidate>(options.num_return_sequences));
  }

  std::vector<std::vector<Candidate>> run() {
    const int64_t copies = options_.num_return_sequences;
    at::Tensor logits = model_.start(ids_of(prompts_), copies);
    processors_.emplace(options_.rules, ending_.end_ids, logits.size(1), logits.device());
    if (copies > 1) logits = logits.repeat_interleave(copies, 0);
    for (;;) {
      add_tokens(logits);
      drop_finished();
      if (rows_.empty()) return std::move(results_);
      check_interrupted(ending_);
      TokenIds ids;
      for (const Row& row : rows_) ids.push_back(row.tokens.back());
      logits = model_.step(ids);
    }
  }

 private:
  struct Place {
    std::size_t prompt, candidate;
    double score;
  };

  at::Tensor choose(const at::Tensor& logits_RV) const {
    const at::Tensor scores = processors_->apply(logits_RV, rows_);
    if (!options_.do_sample) return processors_->renormalize(scores).argmax(-1);
    std::vector<double> draws;
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      draws.push_back(draw_at(options_.sampling.seed,
                              {prompts_[places_[r].prompt].number, static_cast<uint32_t>(places_[r].candidate),
                               static_cast<uint32_t>(rows_[r].tokens.size())}));
    }
    return sample(processors_->renormalize(filter_logits(scores, options_.sampling)), draws);
  }

  void add_tokens(const at::Tensor& logits_RV) {
    const at::Tensor token_R = choose(logits_RV);
    const at::Tensor score_R = logits_RV.gather(1, token_R.unsqueeze(1)).squeeze(1) - logits_RV.logsumexp(-1);
    const at::Tensor both = at::stack({token_R.to(at::kDouble), score_R.to(at::kDouble)}).cpu();
    const double* values = both.const_data_ptr<double>();
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      rows_[r].tokens.push_back(static_cast<int32_t>(values[r]));
      places_[r].score += values[rows_.size() + r];
    }
  }

  void drop_finished() {
    std::vector<Row> rows;
    std::vector<Place> places;
    std::vector<int64_t> kept;
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      const std::optional<Finish> finish = finish_of(rows_[r].tokens, rows_[r].limit, ending_);
      if (!finish) {
        kept.push_back(static_cast<int64_t>(r));
        rows.push_back(std::move(rows_[r]));
        places.push_back(places_[r]);
        continue;
      }
      if (*finish == Finish::kEndToken) rows_[r].tokens.pop_back();
      results_[places_[r].prompt][places_[r].candidate] = {std::move(rows_[r].tokens), places_[r].score, *finish};
    }
    const bool drops = rows.size() < rows_.size();
    rows_ = std::move(rows);
    places_ = std::move(places);
    if (drops && !rows_.empty()) model_.keep(kept);
  }

  TokenModel& model_;
  const std::vector<Prompt>& prompts_;
  const GenerationOptions& options_;
  const Ending& ending_;
  std::optional<LogitsProcessors> processors_;
  std::vector<Row> rows_;
  std::vector<Place> places_;  ///< of each row
  std::vector<std::vector<Candidate>> results_;
};

}  // namespace

std::string finish_name(Finish finish) {
  switch (finish) {
    case Finish::kEndToken:
      return "end";
    case Finish::kStop:
      return "stop";
    case Finish::kLength:
      return "length";
    case Finish::kContext:
      return "context";
  }
  return "";
}

std::vector<std::vector<Candidate>> search(TokenModel& model, const std::vector<Prompt>& prompts,
                                           const GenerationOptions& options, const Ending& ending) {
  if (prompts.empty()) return {};
  if (options.num_beams > 1) return beam_search(model, prompts, options, ending);
  return RowSearch(model, prompts, options, ending).run();
}

}  // namespace hiddenkey
