#include "adapter/peft_config.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <limits>
#include <string_view>

#include "core/error.h"
#include "core/json_file.h"
#include "core/log.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

using OrderedJson = nlohmann::ordered_json;  // patterns keep the file's order

enum class Use {
  kRead,      ///< kept in PeftConfig
  kRefused,   ///< changes what the adapter computes and is not supported: an error unless it is off
  kNoEffect,  ///< decides nothing of what a finished adapter computes
};
struct PeftField {
  std::string_view name;
  Use use;
};

/// Every field that PEFT 0.21 writes for LoRA, and those of older versions.
constexpr std::array kPeftFields = {
    PeftField{"alora_invocation_tokens", Use::kRefused},
    PeftField{"alpha_pattern", Use::kRead},
    PeftField{"arrow_config", Use::kRefused},
    PeftField{"auto_mapping", Use::kNoEffect},
    PeftField{"base_model_name_or_path", Use::kRead},
    PeftField{"bias", Use::kRead},
    PeftField{"corda_config",
              Use::kNoEffect},  // this and the other settings of initialisations: init_lora_weights decides
    PeftField{"enable_lora", Use::kRefused},
    PeftField{"ensure_weight_tying", Use::kRead},
    PeftField{"eva_config", Use::kNoEffect},
    PeftField{"exclude_modules", Use::kRead},
    PeftField{"fan_in_fan_out", Use::kNoEffect},  // how the base's weights lie, which PEFT sets right by itself
    PeftField{"inference_mode", Use::kNoEffect},
    PeftField{"init_lora_weights", Use::kRead},
    PeftField{"kasa_config", Use::kRefused},
    PeftField{"layer_replication", Use::kRefused},
    PeftField{"layers_pattern", Use::kRead},
    PeftField{"layers_to_transform", Use::kRead},
    PeftField{"loftq_config", Use::kNoEffect},
    PeftField{"lora_alpha", Use::kRead},
    PeftField{"lora_bias", Use::kRead},
    PeftField{"lora_dropout", Use::kRead},
    PeftField{"lora_ga_config", Use::kNoEffect},
    PeftField{"megatron_config", Use::kRefused},
    PeftField{"megatron_core", Use::kNoEffect},
    PeftField{"merge_weights", Use::kNoEffect},
    PeftField{"modules_to_save", Use::kRead},
    PeftField{"monteclora_config", Use::kRefused},
    PeftField{"peft_type", Use::kRead},
    PeftField{"peft_version", Use::kNoEffect},
    PeftField{"qalora_group_size", Use::kNoEffect},
    PeftField{"r", Use::kRead},
    PeftField{"rank_pattern", Use::kRead},
    PeftField{"revision", Use::kNoEffect},
    PeftField{"target_modules", Use::kRead},
    PeftField{"target_parameters", Use::kRefused},
    PeftField{"task_type", Use::kRead},
    PeftField{"trainable_token_indices", Use::kRead},
    PeftField{"use_bdlora", Use::kRefused},
    PeftField{"use_dora", Use::kRead},
    PeftField{"use_qalora", Use::kRefused},
    PeftField{"use_rslora", Use::kRead},
    PeftField{"velora_config", Use::kRefused},
};

bool is_off(const OrderedJson& value) {
  return value.is_null() || value == OrderedJson(false) || (value.is_array() && value.empty());
}

std::string lower_case(std::string text) {
  for (char& letter : text) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return text;
}

/// A field of any length as a message shows it.
std::string shown(const OrderedJson& value) {
  constexpr std::size_t kLongest = 80;
  std::string text = value.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
  return text;
}

class ConfigReader {
 public:
  explicit ConfigReader(const std::filesystem::path& path) : path_(path), json_(read_ordered_json_object(path)) {}

  PeftConfig read() const {
    if (const OrderedJson* type = find("peft_type"); type == nullptr || *type != OrderedJson("LORA"))
      fail(cat("peft_type: ", type == nullptr ? "is missing" : shown(*type) + " is not supported, only \"LORA\""));
    check_fields();
    PeftConfig config;
    config.lora.r = whole("r", 8);
    config.lora.alpha = number("lora_alpha", 8);
    config.lora.dropout = number("lora_dropout", 0);
    if (config.lora.dropout < 0 || config.lora.dropout > 1) fail("lora_dropout: expected a number from 0 to 1");
    config.lora.use_rslora = flag("use_rslora");
    config.lora.use_dora = flag("use_dora");
    config.lora_bias = flag("lora_bias");
    if (config.lora_bias && config.lora.use_dora) fail("lora_bias: PEFT's DoRA has none");
    config.ensure_weight_tying = flag("ensure_weight_tying");
    if (const OrderedJson* base = find("base_model_name_or_path"); base != nullptr && base->is_string())
      config.base = base->get<std::string>();
    read_modules(config);
    config.lora.rank_pattern = pattern<int64_t>("rank_pattern");
    config.lora.alpha_pattern = pattern<double>("alpha_pattern");
    read_layers(config);
    read_token_rows(config);
    config.bias = bias();
    config.residual = residual();
    return config;
  }

 private:
  [[noreturn]] void fail(const std::string& reason) const { throw ModelError(cat(path_.string(), ": ", reason)); }

  /// Null where the file lacks the field or says null.
  const OrderedJson* find(const char* name) const {
    const auto found = json_.find(name);
    return found == json_.end() || found->is_null() ? nullptr : &*found;
  }

  void check_fields() const {
    std::vector<std::string> unknown;
    for (const auto& [name, value] : json_.items()) {
      const auto field = std::find_if(kPeftFields.begin(), kPeftFields.end(),
                                      [&, &key = name](const PeftField& known) { return known.name == key; });
      if (field == kPeftFields.end()) {
        unknown.push_back(name);
      } else if (field->use == Use::kRefused && !is_off(value)) {
        fail(cat(name, ": ", shown(value), " is not supported"));
      }
    }
    if (!unknown.empty())
      log::warning(cat(path_.string(), ": fields that are not known here, and have no effect: ", join(unknown, ", ")));
  }

  int64_t integer(const OrderedJson& value, const char* name) const {
    const bool fits = value.is_number_integer() &&
                      (!value.is_number_unsigned() ||
                       value.get<uint64_t>() <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max()));
    if (!fits) fail(cat(name, ": expected a whole number, found ", shown(value)));
    return value.get<int64_t>();
  }
  void convert(const OrderedJson& value, const char* name, int64_t& result) const {
    result = integer(value, name);
    if (result < 1) fail(cat(name, ": expected a whole number above 0, found ", shown(value)));
  }
  void convert(const OrderedJson& value, const char* name, double& result) const {
    if (!value.is_number()) fail(cat(name, ": expected a number, found ", shown(value)));
    result = value.get<double>();
    if (!std::isfinite(static_cast<float>(result))) fail(cat(name, ": ", shown(value), " is beyond float32"));
  }
  int64_t whole(const char* name, int64_t otherwise) const {
    if (const OrderedJson* value = find(name)) convert(*value, name, otherwise);
    return otherwise;
  }
  double number(const char* name, double otherwise) const {
    if (const OrderedJson* value = find(name)) convert(*value, name, otherwise);
    return otherwise;
  }
  bool flag(const char* name) const {
    const OrderedJson* value = find(name);
    if (value != nullptr && !value->is_boolean()) fail(cat(name, ": expected true or false, found ", shown(*value)));
    return value != nullptr && value->get<bool>();
  }
  template <class T>
  std::vector<std::pair<std::string, T>> pattern(const char* name) const {
    std::vector<std::pair<std::string, T>> result;
    const OrderedJson* value = find(name);
    if (value == nullptr) return result;
    if (!value->is_object()) fail(cat(name, ": expected an object of names and numbers"));
    for (const auto& [key, item] : value->items()) convert(item, name, result.emplace_back(key, T{}).second);
    return result;
  }
  std::vector<std::string> names(const char* name) const {
    std::vector<std::string> result;
    const OrderedJson* value = find(name);
    if (value == nullptr) return result;
    for (const OrderedJson& item : value->is_array() ? *value : OrderedJson::array({*value})) {
      if (!value->is_array() || !item.is_string()) fail(cat(name, ": expected a list of names, found ", shown(*value)));
      result.push_back(item.get<std::string>());
    }
    return result;
  }
  /// A list of names, or a string, which is a regular expression.
  void names_or_regex(const char* name, std::vector<std::string>& list, std::optional<std::string>& regex) const {
    list.clear();
    if (const OrderedJson* value = find(name); value != nullptr && value->is_string()) {
      regex = value->get<std::string>();
    } else {
      list = names(name);
    }
  }
  std::vector<int64_t> integers(const OrderedJson& value, const char* name) const {
    std::vector<int64_t> result;
    for (const OrderedJson& item : value.is_array() ? value : OrderedJson::array({value}))
      result.push_back(integer(item, name));
    return result;
  }

  void read_modules(PeftConfig& config) const {
    names_or_regex("target_modules", config.lora.target_modules, config.lora.target_regex);
    // Where it is missing or null, it is the family's usual list, in PEFT too.
    if (find("target_modules") != nullptr && config.lora.target_modules.empty() && !config.lora.target_regex)
      fail("target_modules: is empty");
    names_or_regex("exclude_modules", config.exclude_modules, config.exclude_regex);
    config.lora.modules_to_save = names("modules_to_save");
    // PEFT's model for sequence classification adds the names of every family's head by itself.
    const OrderedJson* task = find("task_type");
    if (task != nullptr && (*task == OrderedJson("SEQ_CLS") || *task == OrderedJson("TOKEN_CLS")))
      config.lora.modules_to_save.insert(config.lora.modules_to_save.end(), {"classifier", "score"});
  }
  void read_layers(PeftConfig& config) const {
    if (const OrderedJson* layers = find("layers_to_transform"))
      config.lora.layers_to_transform = integers(*layers, "layers_to_transform");
    if (const OrderedJson* pattern = find("layers_pattern"); pattern != nullptr && pattern->is_string()) {
      if (*pattern != OrderedJson("")) config.layers_pattern = {pattern->get<std::string>()};
    } else {
      config.layers_pattern = names("layers_pattern");
    }
    if (config.lora.target_regex && find("layers_to_transform") != nullptr)
      fail("layers_to_transform: PEFT takes no layers where target_modules is a regular expression");
    if (!config.layers_pattern.empty() && find("layers_to_transform") == nullptr)
      fail("layers_pattern: means nothing without layers_to_transform");
  }
  void read_token_rows(PeftConfig& config) const {
    constexpr const char* kName = "trainable_token_indices";
    const OrderedJson* value = find(kName);
    if (value == nullptr) return;
    if (value->is_array()) {
      config.token_rows.push_back({"", integers(*value, kName)});
    } else if (value->is_object()) {
      for (const auto& [layer, ids] : value->items()) config.token_rows.push_back({layer, integers(ids, kName)});
    } else {
      fail(cat(kName, ": expected a list of token ids, or one for each embedding, found ", shown(*value)));
    }
  }
  PeftConfig::Bias bias() const {
    const OrderedJson* value = find("bias");
    if (value == nullptr || *value == OrderedJson("none")) return PeftConfig::Bias::kNone;
    if (*value == OrderedJson("lora_only")) return PeftConfig::Bias::kLoraOnly;
    if (*value == OrderedJson("all")) return PeftConfig::Bias::kAll;
    fail(cat("bias: ", shown(*value), " is not supported; PEFT has \"none\", \"lora_only\" and \"all\""));
  }

  /// Most initialisations leave the base as it is: the file's numbers have replaced what they made.
  PeftConfig::Residual residual() const {
    constexpr const char* kName = "init_lora_weights";
    const OrderedJson* value = find(kName);
    if (value == nullptr || value->is_boolean()) return PeftConfig::Residual::kNone;
    if (!value->is_string()) fail(cat(kName, ": ", shown(*value), " is not supported"));
    const std::string text = value->get<std::string>(), lower = lower_case(text);
    for (const char* plain : {"gaussian", "eva", "orthogonal", "mica"}) {
      if (lower == plain) return PeftConfig::Residual::kNone;
    }
    if (text == "pissa") return PeftConfig::Residual::kPissa;
    if (lower == "olora") return PeftConfig::Residual::kOlora;
    std::string reason = "this initialisation is not known";
    if (text.starts_with("pissa_niter_")) reason = "it takes a random approximation of the base's largest parts";
    if (text.starts_with("corda") || text == "lora_ga") reason = "it changes the base by what it saw of the data";
    if (text == "loftq") reason = "it quantises the base";
    fail(cat(kName, ": \"", text, "\" is not supported: ", reason,
             ", and the file does not hold that; save the adapter from PEFT again with "
             "path_initial_model_for_weight_conversion, as a plain LoRA, or merge it there"));
  }

  const std::filesystem::path& path_;
  OrderedJson json_;
};

}  // namespace

PeftConfig read_peft_config(const std::filesystem::path& path) { return ConfigReader(path).read(); }

}  // namespace hiddenkey
