#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "commands/commands.h"
#include "commands/line_editor.h"
#include "commands/memory_hint.h"
#include "commands/prompts.h"
#include "core/error.h"
#include "core/file.h"
#include "core/log.h"
#include "core/progress.h"
#include "core/standard_files.h"
#include "core/stop_signal.h"
#include "core/text.h"
#include "data/data_file.h"
#include "data/generation_tokens.h"
#include "generate/generator.h"
#include "run/generation_setup.h"
#include "run/open_run.h"

namespace hiddenkey {
namespace {

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
  TokenIds ids = prompt_ids(tokenizer, loaded.run.task->info.name, prompt);
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

std::vector<std::string> read_prompts(const GenerateOptions& options) {
  if (!options.prompts.empty()) return options.prompts;
  const bool standard = options.input == "-";
  const std::string bytes = standard ? read_stdin() : read_data_file(options.input);
  return parse_prompts(bytes, standard ? "stdin" : options.input, prompt_format(options.input, options.format));
}

/// Results in the order of the prompts: to stdout as far as they are complete after each batch, to a file at the end.
int generate_all(const GenerateOptions& options, const CommonOptions& common, const Generator& generator,
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

}  // namespace

int run_generate(const GenerateOptions& options, const CommonOptions& common) {
  SearchSettings flags = options.search;
  if (!options.stop.empty()) flags.stop = options.stop;
  Loaded loaded{open_run(options.request, Purpose::kGenerate), {}};
  const LoadedRun& run = loaded.run;
  const bool trained = run.adapter || !run.config.output_dir.empty();
  loaded.setup = generation_setup(run.config, run.base->small(), *run.tokenizer, trained, flags);
  const Generator generator(run.model->network, *run.tokenizer, loaded.setup.options, loaded.setup.end_ids);
  if (!loaded.setup.taken.empty()) log::info(loaded.setup.taken);
  const bool asks = options.prompts.empty() && options.input == "-" && options.output == "-";
  if (asks && isatty(STDIN_FILENO) != 0) return talk(generator, loaded);
  return generate_all(options, common, generator, loaded);
}

}  // namespace hiddenkey
