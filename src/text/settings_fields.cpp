#include <algorithm>
#include <string_view>

#include "core/error.h"
#include "core/log.h"
#include "core/text.h"
#include "text/settings.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::json;

/// Fields that decide ids or decoded text, each read where it matters.
constexpr std::string_view kHonoured[] = {
    "add_bos_token",
    "add_eos_token",
    "add_prefix_space",
    "added_tokens_decoder",
    "additional_special_tokens",
    "clean_up_tokenization_spaces",
    "clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output",
    "do_lower_case",
    "extra_special_tokens",
    "legacy",
    "max_len",
    "model_input_names",
    "model_max_length",
    "model_specific_special_tokens",
    "split_special_tokens",
    "strip_accents",
    "tokenize_chinese_chars",
    "tokenizer_class",
    "truncation_side",
};

/// Fields that change neither an id nor a text: of chats, of padding (there is none), of offsets, of how the tokenizer
/// was saved, of Python alone, and limits that a caller of the tokenizer gives anew.
constexpr std::string_view kWithoutEffect[] = {
    "backend",
    "chat_control_tokens",
    "chat_template",
    "do_basic_tokenize",
    "errors",
    "files_loaded",
    "from_slow",
    "is_local",
    "local_files_only",
    "max_length",
    "merges_file",
    "name_or_path",
    "never_split",
    "pad_to_multiple_of",
    "pad_token_type_id",
    "padding",
    "padding_side",
    "processor_class",
    "response_schema",
    "response_template",
    "return_attention_mask",
    "return_token_type_ids",
    "sp_model_kwargs",
    "spaces_between_special_tokens",
    "special_tokens_map_file",
    "stride",
    "tokenizer_file",
    "tokenizer_type",
    "transformers_version",
    "trim_offsets",
    "truncation",
    "truncation_strategy",
    "unk_id",
    "use_default_system_prompt",
    "use_fast",
    "verbose",
    "vocab_file",
};

/// Fields with which Transformers makes another tokenizer than the one that is made here; without a value they say
/// nothing.
constexpr std::string_view kRefused[] = {
    "auto_map", "fast_tokenizer_files", "fix_mistral_regex", "init_inputs", "merges", "post_processor", "vocab"};

bool says_nothing(const Json& value) { return value.is_null() || value == Json(false) || value.empty(); }

template <std::size_t Size>
bool holds(const std::string_view (&names)[Size], const std::string& name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

}  // namespace

void check_tokenizer_fields(const Json& fields, const std::string& source) {
  std::vector<std::string> unknown;
  for (const auto& [name, value] : fields.items()) {
    if (holds(kRefused, name)) {
      const bool only_usual = name == "fast_tokenizer_files" && value == Json::array({"tokenizer.json"});
      if (!says_nothing(value) && !only_usual) throw ModelError(cat(source, ": ", name, ": is not supported"));
      continue;
    }
    const bool is_token = name.ends_with("_token") && !value.is_boolean();
    if (!holds(kHonoured, name) && !holds(kWithoutEffect, name) && !is_token) unknown.push_back(name);
  }
  if (!unknown.empty()) log::warning(cat(source, ": not known and without effect here: ", join(unknown, ", ")));
}

}  // namespace hiddenkey
