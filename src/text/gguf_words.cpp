#include "text/gguf_words.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "text/pre_tokenizer.h"

namespace hiddenkey {
namespace {

constexpr char kMarks[] = R"([\p{P}$+<=>^~|]+)";
constexpr char kGpt2Words[] = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S))";
constexpr char kNumbers[] = R"(\p{N}+)";
constexpr char kThreeDigits[] = "[0-9]{3}";

struct Rule {
  std::vector<std::string> names;  ///< the first is that of the family
  GgufWords words;
};

const std::vector<Rule>& rules() {
  static const std::vector<Rule> kRules = {
      {{"default", ""}, {.regexes = {kMarks, kGpt2Words, kNumbers, kThreeDigits}}},
      {{"gpt-2", "phi-2", "jina-es", "jina-de", "jina-v2-es", "jina-v2-de", "gigachat", "a.x-4.0", "mellum",
        "modern-bert", "exaone4", "mpt", "olmo", "jais", "trillion", "granite-docling"},
       {.gpt2_words = true}},
      {{"llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "jina-v5-nano"},
       {.regexes = {kLlama3Words}, .ignore_merges = true, .add_bos = true}},
      {{"smaug-bpe", "dbrx", "glm4", "chatglm-bpe"}, {.regexes = {kLlama3Words}}},
      {{"qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "megrez"}, {.regexes = {kQwen2Words}, .nfc = true}},
      {{"stablelm2", "hunyuan", "solar-open", "grok-2"}, {.regexes = {kQwen2Words}}},
      {{"smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b", "mellum2"},
       {.digits_alone = true, .gpt2_words = true}},
  };
  return kRules;
}

}  // namespace

const GgufWords& gguf_words(const std::string& pre) {
  std::vector<std::string> families;
  for (const Rule& rule : rules()) {
    if (std::find(rule.names.begin(), rule.names.end(), pre) != rule.names.end()) return rule.words;
    families.push_back(rule.names.front());
  }
  throw ModelError(cat("tokenizer.ggml.pre: \"", pre, "\" is not supported, only ", join(families, ", "),
                       " and the names that mean the same"));
}

}  // namespace hiddenkey
