#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/command.h"
#include "cli/line_editor.h"
#include "cli/load_options.h"
#include "cli/memory_hint.h"
#include "cli/prompts.h"
#include "core/error.h"
#include "core/file.h"
#include "core/log.h"
#include "core/stop_signal.h"
#include "core/text.h"
#include "data/data_file.h"
#include "data/generation_tokens.h"
#include "generate/generator.h"
#include "train/load_run.h"
#include "train/progress.h"

namespace hiddenkey {
namespace {

struct Options {
  LoadRequest request;
  std::string input = "-", output = "-", format;
  std::vector<std::string> prompts;
  SearchSettings search;
  std::vector<std::string> stop;
  int64_t batch_size = 16;
};

/// A model that is loaded, and how it makes text.
struct Loaded {
  LoadedRun run;
  GenerationSetup setup;
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

/// The texts alone, one a line.
std::string to_text(const std::vector<Generation>& generations) {
  std::string lines;
  for (const Generation& generation : generations) {
    std::string text = generation.text;
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    lines += text + "\n";
  }
  return lines;
}

/// A prompt is encoded as in training where the model was trained for a task. A prompt without tokens begins with the
/// model's first token, where there is one.
TokenIds encode_prompt(const Loaded& loaded, const std::string& prompt) {
  const Tokenizer& tokenizer = *loaded.run.tokenizer;
  TokenIds ids = prompt_ids(tokenizer, loaded.run.task.name, prompt);
  const std::optional<int32_t> first = loaded.setup.begin_id ? loaded.setup.begin_id : tokenizer.bos_id();
  if (ids.empty() && first) ids.push_back(*first);
  return ids;
}

/// Reads a line, prints its continuation, and so on until the input ends.
int talk(const Generator& generator, const Loaded& loaded) {
  std::cerr << "Type a prompt and press Enter. Ctrl-D on an empty line leaves, Ctrl-C too.\n";
  LineEditor editor("> ");
  while (const std::optional<std::string> line = editor.read()) {
    try {
      const Results results = generator.generate({encode_prompt(loaded, *line)}, 1);
      for (const Generation& generation : results.at(0)) print(generation.text + "\n");
    } catch (const DataError& error) {
      std::cerr << error.what() << "\n";  // the next line may be a better one
    }
  }
  std::cerr << "\n";
  return 0;
}

std::vector<std::string> read_prompts(const Options& options) {
  if (!options.prompts.empty()) return options.prompts;
  const bool standard = options.input == "-";
  const std::string bytes =
      standard ? std::string(std::istreambuf_iterator<char>(std::cin), {}) : read_data_file(options.input);
  return parse_prompts(bytes, standard ? "stdin" : options.input, prompt_format(options.input, options.format));
}

/// Results in the order of the prompts: to stdout as far as they are complete after each batch, to a file at the end.
int generate_all(const Options& options, const CommonOptions& common, const Generator& generator,
                 const Loaded& loaded) {
  const std::vector<std::string> prompts = read_prompts(options);
  std::vector<TokenIds> ids;
  for (const std::string& prompt : prompts) ids.push_back(encode_prompt(loaded, prompt));
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
  const bool text = options.output.ends_with(".txt");
  write_file_atomically(options.output, [&](const ByteSink& sink) {
    for (std::size_t i = 0; i < prompts.size(); ++i) {
      const std::string lines = text ? to_text(results[i]) : to_jsonl(prompts[i], results[i]);
      sink(lines.data(), lines.size());
    }
  });
  return 0;
}

int generate_command(const Options& options, const CommonOptions& common) {
  SearchSettings flags = options.search;
  if (!options.stop.empty()) flags.stop = options.stop;
  Loaded loaded{load_language_model(options.request), {}};
  const LoadedRun& run = loaded.run;
  const bool trained = run.adapter || !run.config.output_dir.empty();
  loaded.setup = generation_setup(run.config, run.model->folder, *run.tokenizer, trained, flags);
  const Generator generator(run.model->network, *run.tokenizer, loaded.setup.options, loaded.setup.end_ids);
  if (!loaded.setup.taken.empty()) log::info(loaded.setup.taken);
  const bool asks = options.prompts.empty() && options.input == "-" && options.output == "-";
  if (asks && isatty(STDIN_FILENO) != 0) return talk(generator, loaded);
  return generate_all(options, common, generator, loaded);
}

void add_model_options(CLI::App& command, LoadRequest& request) {
  command.add_option("MODEL", request.path, "Folder of a language model, or of a run or an adapter of one")->required();
  command.add_option("key=value", request.overrides,
                     "Config keys, such as model.dtype=bfloat16 or generation.num_beams=4");
  add_base_options(command, request);
}

void add_search_options(CLI::App& command, Options& options) {
  constexpr const char* kGroup = "Search (what is not given is as the run's config says, then the model's folder)";
  SearchSettings& search = options.search;
  const auto add = [&](const char* name, auto& value, const char* what) {
    return command.add_option(name, value, what)->group(kGroup);
  };
  add("--max-new-tokens", search.max_new_tokens, "The most tokens of a text [128]");
  add("--min-new-tokens", search.min_new_tokens, "A text does not end before it has so many tokens [0]");
  add("--stop", options.stop, "A text that ends a text, which is cut before it; can be given several times")
      ->allow_extra_args(false);
  add("--no-repeat-ngram-size", search.no_repeat_ngram_size, "A run of so many tokens occurs only once; 0: off [0]");
  add("--repetition-penalty", search.repetition_penalty, "Above 1, tokens that have occurred are less likely [1]");
  add("--num-return-sequences", search.num_return_sequences, "Texts for each prompt [1]");
  add("--num-beams", search.num_beams, "Above 1, beams are searched [1]");
  add("--length-penalty", search.length_penalty, "Beams are ranked by log-probability / length^this [1]");
  const auto add_flag = [&](const char* names, std::optional<bool>& value, const char* what) {
    return command.add_flag_function(
        names, [&value](int64_t count) { value = count > 0; }, what);
  };
  add_flag("--early-stopping,!--no-early-stopping", search.early_stopping,
           "End a search once it has num-beams finished beams")
      ->group(kGroup);
  constexpr const char* kSampling = "Sampling";
  add_flag("--sample,!--no-sample", search.do_sample, "Draw tokens instead of taking the likeliest")->group(kSampling);
  const auto add_sampling = [&](const char* name, auto& value, const char* what) {
    command.add_option(name, value, what)->group(kSampling);
  };
  add_sampling("--temperature", search.temperature, "Divides the logits [1]");
  add_sampling("--top-k", search.top_k, "Only the k likeliest tokens are drawn; 0: all [50]");
  add_sampling("--top-p", search.top_p, "Only the likeliest tokens that together have this probability are drawn [1]");
  add_sampling("--seed", search.seed, "A text is a function of it and of its prompt's number [42]");
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
  command->add_option("--format", options->format, "Of the input: text or jsonl; otherwise by its name")
      ->check(CLI::IsMember({"text", "jsonl"}));
  command->add_option("--prompt", options->prompts, "A prompt; can be given several times")
      ->allow_extra_args(false)
      ->excludes("--input")
      ->excludes("--format");
  command
      ->add_option(
          "-o,--output", options->output,
          "JSONL with prompt, text, tokens, score, finish; a text a line where the name ends in .txt, its line "
          "breaks as spaces; - is stdout")
      ->capture_default_str();
  command->add_option("--batch-size", options->batch_size, "Prompts at a time")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  add_search_options(*command, *options);
  command->callback(
      [options, &common, &action] { action = [options, &common] { return generate_command(*options, common); }; });
}

}  // namespace hiddenkey
