#include "model/type_ids.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/error.h"
#include "core/text.h"
#include "model/families/family.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::json;

constexpr const char* kSettings = "tokenizer_config.json";

std::optional<bool> named_inputs(const Json& settings, const fs::path& path) {
  const auto found = settings.find("model_input_names");
  if (found == settings.end()) return std::nullopt;
  if (!found->is_array()) throw ModelError(cat(path.string(), ": model_input_names: expected a list of names"));
  return std::find(found->begin(), found->end(), Json("token_type_ids")) != found->end();
}

/// The class that AutoTokenizer takes, without "Fast"; "" where no file names one.
std::string tokenizer_class(const FolderFiles& files) {
  for (const char* file : {kSettings, "config.json"}) {
    const Json& json = files.object_if_there(file);
    const auto found = json.find("tokenizer_class");
    if (found == json.end() || !found->is_string()) continue;
    const auto name = found->get<std::string>();
    return name.ends_with("Fast") ? name.substr(0, name.size() - 4) : name;
  }
  return "";
}

/// Those that Transformers serves with the code of BertTokenizer.
bool is_berts(const std::string& name) {
  static constexpr std::array kNames = {"BertTokenizer", "ElectraTokenizer", "ConvBertTokenizer", "RetriBertTokenizer",
                                        "LayoutLMTokenizer"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

}  // namespace

bool gives_type_ids(const FolderFiles& files, const Family& family) {
  const fs::path path = files.path(kSettings);
  const std::optional<bool> named = named_inputs(files.object_if_there(kSettings), path);
  const std::string declared = tokenizer_class(files);
  if (family.type_ids_are_tokens) {
    if (named.value_or(false) || is_berts(declared))
      throw ModelError(cat(path.string(), ": model_input_names: token_type_ids are not supported for ", family.name,
                           ", which would add them as tokens"));
    return false;
  }
  const std::string name = declared.empty() ? family.tokenizer : declared;
  // RoBERTa's tokenizer replaces the template by its own, which has one type.
  if (named) return *named && name != "RobertaTokenizer";
  return is_berts(name);
}

}  // namespace hiddenkey
