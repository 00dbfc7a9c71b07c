#include <memory>

#include "cli/command.h"
#include "cli/load_options.h"

namespace hiddenkey {
namespace {

void add_model_options(CLI::App& command, LoadRequest& request) {
  command.add_option("MODEL", request.path, "Folder of a language model, or of a run or an adapter of one")->required();
  command.add_option("key=value", request.overrides,
                     "Config keys, such as model.dtype=bfloat16 or generation.num_beams=4");
  add_base_options(command, request);
}

void add_search_options(CLI::App& command, GenerateOptions& options) {
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

void add_generate_command(CLI::App& program, CommonOptions& common, Action& action, const TensorCommands& commands) {
  const auto options = std::make_shared<GenerateOptions>();
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
  command->callback([options, &common, &action, &commands] {
    action = [options, &common, &commands] { return commands.generate(*options, common); };
  });
}

}  // namespace hiddenkey
