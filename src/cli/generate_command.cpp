#include <unistd.h>

#include <iostream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/command.h"
#include "cli/load_options.h"
#include "cli/memory_hint.h"
#include "cli/prompts.h"
#include "core/error.h"
#include "core/file.h"
#include "core/stop_signal.h"
#include "core/text.h"
#include "data/data_file.h"
#include "data/generation_tokens.h"
#include "generate/generator.h"
#include "train/load_run.h"
#include "train/progress.h"

namespace hiddenkey {
namespace {

/// What is not given is as the config of the model's run has it, or a config's default.
struct SearchFlags {
  std::optional<int64_t> max_new_tokens, no_repeat_ngram_size, num_beams;
  std::optional<double> length_penalty;
  bool early_stopping = false;
  std::vector<std::string> stop;
  int64_t num_return_sequences = 1;
};

struct Options {
  LoadRequest request;
  std::string input = "-", output = "-", format;
  SearchFlags search;
  SamplingOptions sampling;
  bool samples = false;
  int64_t batch_size = 16;
};

using Results = std::vector<std::vector<Generation>>;

/// One line for each candidate.
std::string to_jsonl(const std::string& prompt, const std::vector<Generation>& generations) {
  std::string lines;
  for (const Generation& generation : generations) {
    const nlohmann::ordered_json json = {{"prompt", prompt},
                                         {"text", generation.text},
                                         {"tokens", generation.tokens},
                                         {"score", generation.score},
                                         {"finish", finish_name(generation.finish)}};
    lines += json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  }
  return lines;
}

/// As in training where the model was trained for a task. Without tokens of its own a text begins with the model's
/// first token, where it has one.
TokenIds encode_prompt(const LoadedRun& run, const std::string& prompt) {
  const Tokenizer& tokenizer = *run.tokenizer;
  TokenIds ids = prompt_ids(tokenizer, run.task.name, prompt);
  if (ids.empty() && tokenizer.bos_id()) ids.push_back(*tokenizer.bos_id());
  return ids;
}

/// Reads a line, prints its continuation, and so on until the input ends.
int talk(const Generator& generator, const LoadedRun& run) {
  std::string line;
  while (std::cerr << "> " << std::flush, std::getline(std::cin, line)) {
    try {
      const Results results = generator.generate({encode_prompt(run, line)}, 1);
      for (const Generation& generation : results.front()) print(generation.text + "\n");
    } catch (const DataError& error) {
      std::cerr << error.what() << "\n";  // the next line may be a better one
    }
  }
  std::cerr << "\n";
  return 0;
}

/// Results in the order of the prompts: to stdout as far as they are complete after each batch, to a file at the end.
int generate_all(const Options& options, const CommonOptions& common, const Generator& generator,
                 const LoadedRun& run) {
  const bool standard = options.input == "-";
  const std::string bytes =
      standard ? std::string(std::istreambuf_iterator<char>(std::cin), {}) : read_data_file(options.input);
  const std::vector<std::string> prompts =
      parse_prompts(bytes, standard ? "stdin" : options.input, prompt_format(options.input, options.format));
  std::vector<TokenIds> ids;
  for (const std::string& prompt : prompts) ids.push_back(encode_prompt(run, prompt));
  watch_stop_signals();
  Progress progress(static_cast<int64_t>(prompts.size()), common.quiet || options.output == "-");
  std::size_t printed = 0;
  GenerationHooks hooks;
  hooks.stopped = stop_requested;
  hooks.finished = [&](int64_t done, const Results& results) {
    progress.show(done, "prompts");
    if (options.output != "-") return;
    for (; printed < prompts.size() && !results[printed].empty(); ++printed)
      print(to_jsonl(prompts[printed], results[printed]));
  };
  Results results;
  with_memory_hint("a smaller --batch-size needs less",
                   [&] { results = generator.generate(ids, options.batch_size, hooks); });
  if (options.output == "-") return 0;
  write_file_atomically(options.output, [&](const ByteSink& sink) {
    for (std::size_t i = 0; i < prompts.size(); ++i) {
      const std::string lines = to_jsonl(prompts[i], results[i]);
      sink(lines.data(), lines.size());
    }
  });
  return 0;
}

/// A run's beams give way to sampling, and its early stopping to a single beam.
GenerationOptions search_options(const Options& options, const RunConfig& config) {
  const SearchFlags& flags = options.search;
  GenerationOptions search = generation_options(config);
  if (options.samples && options.sampling.temperature != 0) {
    search.sampling = options.sampling;
    search.num_beams = 1;
  }
  search.max_new_tokens = flags.max_new_tokens.value_or(search.max_new_tokens);
  search.no_repeat_ngram_size = flags.no_repeat_ngram_size.value_or(search.no_repeat_ngram_size);
  search.num_beams = flags.num_beams.value_or(search.num_beams);
  if (flags.length_penalty && search.num_beams == 1)
    throw ConfigError("length_penalty: ranks the beams of beam search; num_beams is 1");
  search.length_penalty = flags.length_penalty.value_or(search.length_penalty);
  search.early_stopping = flags.early_stopping || (search.early_stopping && search.num_beams > 1);
  search.stop = flags.stop;
  search.num_return_sequences = flags.num_return_sequences;
  return search;
}

int generate_command(const Options& options, const CommonOptions& common) {
  const LoadedRun run = load_language_model(options.request);
  const Generator generator(run.model->network, *run.tokenizer, search_options(options, run.config),
                            end_tokens(run.model->folder, *run.tokenizer));
  const bool interactive = options.input == "-" && options.output == "-" && isatty(STDIN_FILENO) != 0;
  if (interactive) return talk(generator, run);
  return generate_all(options, common, generator, run);
}

void add_model_options(CLI::App& command, LoadRequest& request) {
  command.add_option("MODEL", request.path, "Folder of a language model, or of a run or an adapter of one")->required();
  command.add_option("key=value", request.overrides,
                     "Config keys, such as model.dtype=bfloat16 or generation.num_beams=4");
  add_base_options(command, request);
}

constexpr const char* kSearchGroup = "Search (where not given as the run's config says)";

void add_search_options(CLI::App& command, Options& options) {
  SearchFlags& search = options.search;
  const auto add = [&](const char* name, auto& value, const char* what) {
    return command.add_option(name, value, what)->group(kSearchGroup);
  };
  add("--max-new-tokens", search.max_new_tokens, "The most tokens of a text; 128 where no run says otherwise");
  add("--stop", search.stop, "Texts that end a text, which is cut before them");
  add("--no-repeat-ngram-size", search.no_repeat_ngram_size, "Run of tokens that occurs once; 0: off");
  add("--num-return-sequences", search.num_return_sequences, "Texts for each prompt")->capture_default_str();
  add("--num-beams", search.num_beams, "More than 1: beam search; greedy where no run says otherwise");
  add("--length-penalty", search.length_penalty, "Beams are ranked by log-probability / length^this");
  command.add_flag("--early-stopping", search.early_stopping, "End with num-beams finished beams")->group(kSearchGroup);
  const auto add_sampling = [&](const char* name, auto& value, const char* what) {
    return command.add_option(name, value, what)->capture_default_str()->group("Sampling");
  };
  CLI::Option* sampling[] = {
      add_sampling("--temperature", options.sampling.temperature, "Of sampling; 0: the likeliest token"),
      add_sampling("--top-k", options.sampling.top_k, "Only the k likeliest tokens; 0: all"),
      add_sampling("--top-p", options.sampling.top_p, "Only the likeliest tokens of this probability together"),
      add_sampling("--seed", options.sampling.seed, "A text is a function of it and of its prompt's number")};
  for (CLI::Option* option : sampling) option->each([&options](const std::string&) { options.samples = true; });
}

}  // namespace

void add_generate_command(CLI::App& program, CommonOptions& common, Action& action) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(program, common, "generate", "Texts that go on from prompts, by a language model",
                  "hiddenkey generate runs/e2e --input prompts.txt --output texts.jsonl --num-beams 10");
  add_model_options(*command, options->request);
  command
      ->add_option("-i,--input", options->input,
                   "Prompts: a text line each, or the field prompt of JSONL where the name ends in .jsonl or .json; "
                   "- is stdin, and a conversation where that is a terminal")
      ->capture_default_str();
  command->add_option("-o,--output", options->output, "JSONL with prompt, text, tokens, score, finish; - is stdout")
      ->capture_default_str();
  command->add_option("--format", options->format, "Of the input: text or jsonl; otherwise by its name")
      ->check(CLI::IsMember({"text", "jsonl"}));
  command->add_option("--batch-size", options->batch_size, "Prompts at a time")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  add_search_options(*command, *options);
  command->callback(
      [options, &common, &action] { action = [options, &common] { return generate_command(*options, common); }; });
}

}  // namespace hiddenkey
