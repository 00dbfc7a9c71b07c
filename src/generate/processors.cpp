#include "generate/processors.h"

#include <algorithm>
#include <cmath>

#include "generate/never.h"
#include "io/send.h"

namespace hiddenkey {
namespace {

/// Multiplies negative scores of each row's listed tokens by the penalty, and divides the others.
void penalise(const std::vector<TokenIds>& listed, double penalty, at::Tensor& scores_RV) {
  const int64_t vocabulary = scores_RV.size(1);
  std::vector<int64_t> cells;
  for (std::size_t r = 0; r < listed.size(); ++r) {
    TokenIds ids = listed[r];
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    for (const int32_t id : ids) {
      if (id < vocabulary) cells.push_back(static_cast<int64_t>(r) * vocabulary + id);
    }
  }
  const at::Tensor index = send(cells, scores_RV.device());
  at::Tensor flat = scores_RV.view({-1});
  const at::Tensor old = flat.index_select(0, index);
  flat.index_copy_(0, index, at::where(old.lt(0), old * penalty, old / penalty));
}

/// Adds to `banned` what would complete, after `all`, a run of `size` tokens that stands in `source`.
void find_repeats(const TokenIds& source, const TokenIds& all, int64_t size, int64_t row, int64_t vocabulary,
                  std::vector<int64_t>& banned) {
  const int64_t before = size - 1;
  if (static_cast<int64_t>(source.size()) < size || static_cast<int64_t>(all.size()) < before) return;
  const auto prefix = all.end() - before;
  for (auto run = source.begin(); run + before != source.end(); ++run) {
    const int64_t next = *(run + before);
    if (next < vocabulary && std::equal(prefix, all.end(), run)) banned.push_back(row * vocabulary + next);
  }
}

void fill_cells(const std::vector<int64_t>& cells, double value, at::Tensor& scores_RV) {
  if (!cells.empty()) scores_RV.view({-1}).index_fill_(0, send(cells, scores_RV.device()), value);
}

std::vector<TokenIds> prompts_of(const std::vector<Row>& rows) {
  std::vector<TokenIds> prompts;
  for (const Row& row : rows) prompts.push_back(*row.prompt);
  return prompts;
}

}  // namespace

LogitsProcessors::LogitsProcessors(const LogitsRules& rules, const TokenIds& end_ids, int64_t vocabulary,
                                   at::Device device)
    : rules_(rules), vocabulary_(vocabulary), device_(device) {
  biases_ = make_biases(rules.sequence_bias);
  std::vector<SequenceBias> bans;
  for (const TokenIds& word : rules.bad_words) {
    const bool is_end = word.size() == 1 && holds(end_ids, word.front());
    if (!is_end) bans.push_back({word, kNever});
  }
  bad_words_ = make_biases(bans);
  end_ids_ = columns(end_ids);
  suppress_ = columns(rules.suppress);
  begin_suppress_ = columns(rules.begin_suppress);
  active_ = !biases_.empty() || !bad_words_.empty() || suppress_.defined() || begin_suppress_.defined() ||
            rules.encoder_repetition_penalty != 1 || rules.repetition_penalty != 1 || rules.no_repeat_ngram_size > 0 ||
            rules.encoder_no_repeat_ngram_size > 0 || rules.min_length > 0 || rules.min_new_tokens > 0 ||
            rules.forced_begin || !rules.forced_end.empty() || rules.remove_invalid_values || rules.length_decay;
}

/// Ids that the vocabulary lacks are left out.
at::Tensor LogitsProcessors::columns(const TokenIds& ids) const {
  std::vector<int64_t> known;
  for (const int32_t id : ids) {
    if (id >= 0 && id < vocabulary_) known.push_back(id);
  }
  return known.empty() ? at::Tensor() : send(known, device_);
}

LogitsProcessors::Biases LogitsProcessors::make_biases(const std::vector<SequenceBias>& biases) const {
  Biases result;
  std::vector<float> single(static_cast<std::size_t>(vocabulary_), 0.0F);
  bool has_single = false;
  for (const SequenceBias& bias : biases) {
    if (bias.tokens.size() == 1) {
      single.at(bias.tokens.front()) = static_cast<float>(bias.bias);
      has_single = true;
    } else if (!bias.tokens.empty()) {
      result.runs.push_back(bias);
    }
  }
  if (has_single) result.single_V = send(at::tensor(single, at::kFloat), device_);
  return result;
}

void LogitsProcessors::add_biases(const Biases& biases, const std::vector<TokenIds>& all, at::Tensor& scores_RV) {
  std::vector<int64_t> cells;
  std::vector<float> values;
  for (std::size_t r = 0; r < all.size(); ++r) {
    for (const SequenceBias& bias : biases.runs) {
      const auto before = static_cast<std::ptrdiff_t>(bias.tokens.size()) - 1;
      if (static_cast<std::ptrdiff_t>(all[r].size()) < before) continue;
      if (!std::equal(bias.tokens.begin(), bias.tokens.end() - 1, all[r].end() - before)) continue;
      cells.push_back(static_cast<int64_t>(r) * scores_RV.size(1) + bias.tokens.back());
      values.push_back(static_cast<float>(bias.bias));
    }
  }
  at::Tensor bias_RV = biases.single_V.defined() ? biases.single_V.expand_as(scores_RV) : at::Tensor();
  if (!cells.empty()) {
    bias_RV = bias_RV.defined() ? bias_RV.contiguous() : at::zeros_like(scores_RV);
    const at::Tensor value = send(at::tensor(values, at::kFloat), scores_RV.device());
    bias_RV.view({-1}).index_add_(0, send(cells, scores_RV.device()), value);
  }
  if (bias_RV.defined()) scores_RV += bias_RV;
}

void LogitsProcessors::ban_runs(const std::vector<Row>& rows, const std::vector<TokenIds>& all,
                                at::Tensor& scores_RV) const {
  std::vector<int64_t> banned;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const auto row = static_cast<int64_t>(r);
    if (rules_.no_repeat_ngram_size > 0)
      find_repeats(all[r], all[r], rules_.no_repeat_ngram_size, row, vocabulary_, banned);
    if (rules_.encoder_no_repeat_ngram_size > 0)
      find_repeats(*rows[r].prompt, all[r], rules_.encoder_no_repeat_ngram_size, row, vocabulary_, banned);
  }
  fill_cells(banned, kNever, scores_RV);
}

void LogitsProcessors::hold_back_end(const std::vector<Row>& rows, const std::vector<TokenIds>& all,
                                     at::Tensor& scores_RV) const {
  if (!end_ids_.defined()) return;
  std::vector<int64_t> early;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (static_cast<int64_t>(all[r].size()) < rules_.min_length ||
        static_cast<int64_t>(rows[r].tokens.size()) < rules_.min_new_tokens)
      early.push_back(static_cast<int64_t>(r));
  }
  if (early.empty()) return;
  const at::Tensor cells = send(early, device_).unsqueeze(1) * vocabulary_ + end_ids_.unsqueeze(0);
  scores_RV.view({-1}).index_fill_(0, cells.view({-1}), kNever);
}

void LogitsProcessors::force(const std::vector<Row>& rows, at::Tensor& scores_RV) const {
  std::vector<int64_t> forced, cells;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const auto first = static_cast<int64_t>(r) * vocabulary_;
    const bool begins = rules_.forced_begin && rows[r].prompt->size() == 1 && rows[r].tokens.empty();
    const bool ends =
        !rules_.forced_end.empty() && static_cast<int64_t>(rows[r].tokens.size()) == rows[r].limit.tokens - 1;
    if (!begins && !ends) continue;
    forced.push_back(static_cast<int64_t>(r));
    if (!ends) cells.push_back(first + *rules_.forced_begin);
    for (std::size_t i = 0; ends && i < rules_.forced_end.size(); ++i) cells.push_back(first + rules_.forced_end[i]);
  }
  if (forced.empty()) return;
  scores_RV.index_fill_(0, send(forced, device_), kNever);
  fill_cells(cells, 0, scores_RV);
}

void LogitsProcessors::favour_end(int64_t new_tokens, at::Tensor& scores_RV) const {
  if (!rules_.length_decay || !end_ids_.defined() || new_tokens <= rules_.length_decay->start) return;
  const auto late = static_cast<double>(new_tokens - rules_.length_decay->start);
  const at::Tensor old = scores_RV.index_select(1, end_ids_);
  const at::Tensor growth = old.abs() * (std::pow(rules_.length_decay->factor, late) - 1);
  scores_RV.index_copy_(1, end_ids_, old + growth.masked_fill(old.isfinite().logical_not(), 0));
}

void LogitsProcessors::suppress(const std::vector<Row>& rows, at::Tensor& scores_RV) const {
  if (suppress_.defined()) scores_RV.index_fill_(1, suppress_, kNever);
  if (!begin_suppress_.defined()) return;
  std::vector<int64_t> beginning;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const std::size_t begin = rows[r].prompt->size() <= 1 && rules_.forced_begin ? 1 : 0;
    if (rows[r].tokens.size() == begin) beginning.push_back(static_cast<int64_t>(r));
  }
  if (beginning.empty()) return;
  const at::Tensor cells = send(beginning, device_).unsqueeze(1) * vocabulary_ + begin_suppress_.unsqueeze(0);
  scores_RV.view({-1}).index_fill_(0, cells.view({-1}), kNever);
}

at::Tensor LogitsProcessors::apply(const at::Tensor& scores_RV, const std::vector<Row>& rows) const {
  if (!active_) return scores_RV;
  at::Tensor scores = scores_RV.clone(at::MemoryFormat::Contiguous);
  std::vector<TokenIds> all = prompts_of(rows);
  for (std::size_t r = 0; r < rows.size(); ++r)
    all[r].insert(all[r].end(), rows[r].tokens.begin(), rows[r].tokens.end());
  add_biases(biases_, all, scores);
  if (rules_.encoder_repetition_penalty != 1) penalise(prompts_of(rows), 1 / rules_.encoder_repetition_penalty, scores);
  if (rules_.repetition_penalty != 1) penalise(all, rules_.repetition_penalty, scores);
  ban_runs(rows, all, scores);
  add_biases(bad_words_, all, scores);
  hold_back_end(rows, all, scores);
  force(rows, scores);
  if (rules_.remove_invalid_values) scores.nan_to_num_(0.0);
  favour_end(static_cast<int64_t>(rows.front().tokens.size()), scores);
  suppress(rows, scores);
  return scores;
}

at::Tensor LogitsProcessors::renormalize(const at::Tensor& scores_RV) const {
  return rules_.renormalize ? scores_RV.log_softmax(-1) : scores_RV;
}

}  // namespace hiddenkey
