#pragma once

#include "generate/search.h"

namespace hiddenkey {

/// Beam search as Transformers 5 has it. Each step takes the best num_beams * max(2, 1 + end tokens) continuations of a
/// prompt's beams. Those among the first num_beams of them that end are finished, with the score log-probability /
/// length^length_penalty; the best num_beams others go on. A prompt is done once no open beam can be better than
/// the worst of num_beams finished ones (see EarlyStopping). Each prompt has num_return_sequences candidates.
std::vector<std::vector<Candidate>> beam_search(TokenModel& model, const std::vector<Prompt>& prompts,
                                                const GenerationOptions& options, const Ending& ending);

}  // namespace hiddenkey
