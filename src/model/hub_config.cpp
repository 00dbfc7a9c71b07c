#include "model/hub_config.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/text.h"
#include "model/families/families.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::json;

/// How the names of a family's classes go on behind its own.
constexpr const char* kClassKinds[] = {"For", "Model", "PreTrained", "LMHead", "DoubleHeads"};

/// Whether a class of Transformers is one of the family: "BertForMaskedLM" and "BertModel" are BERT's.
bool is_class_of(const std::string& name, const Family& family) {
  const std::string prefix = family.class_prefix;
  return name.starts_with(prefix) && std::any_of(std::begin(kClassKinds), std::end(kClassKinds), [&](const char* kind) {
           return name.substr(prefix.size()).starts_with(kind);
         });
}

std::string family_of(const ConfigFields& fields) {
  std::string name = fields.text("model_type", "");
  if (name.empty() && fields.given("architectures") && fields.json()["architectures"].is_array()) {
    for (const Json& held : fields.json()["architectures"]) {
      for (const Family* family : families()) {
        if (held.is_string() && is_class_of(held.get<std::string>(), *family)) name = family->name;
      }
    }
  }
  if (name.empty()) fields.fail("model_type", "is missing");
  return name;
}

Architecture read_architecture(const ConfigFields& fields) {
  const std::string name = family_of(fields);
  const Family* family = find_family(name);
  // No suggestion: a model of one family is not one of another because its name is changed.
  if (family == nullptr)
    fields.fail("model_type", cat("the family \"", name, "\" is not supported, only ", join(known_families(), ", ")));
  return family->read(fields, *family);
}

std::vector<std::string> notes_on(const ConfigFields& fields) {
  std::vector<std::string> notes;
  const std::vector<std::string> unknown = fields.unknown();
  if (!unknown.empty())
    notes.push_back(cat(fields.source(), ": ", join(unknown, ", "), unknown.size() == 1 ? " is a field" : " are fields",
                        " that hiddenkey does not know and does not follow"));
  return notes;
}

std::vector<std::string> read_labels(const ConfigFields& fields) {
  std::vector<std::string> labels;
  if (!fields.given("id2label") || !fields.json()["id2label"].is_object()) return labels;
  const Json& map = fields.json()["id2label"];
  bool generic = true;
  for (std::size_t i = 0; i < map.size(); ++i) {
    const auto found = map.find(std::to_string(i));
    if (found == map.end() || !found->is_string()) return {};
    labels.push_back(found->get<std::string>());
    generic = generic && labels.back() == cat("LABEL_", i);
  }
  return generic ? std::vector<std::string>() : labels;
}

}  // namespace

std::vector<std::string> known_families() {
  std::vector<std::string> names;
  for (const Family* family : families()) names.emplace_back(family->name);
  return names;
}

std::string hub_hint(const std::string& name) {
  const auto fits = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.';
  };
  const std::vector<std::string> parts = split(name, '/');
  const bool possible = parts.size() <= 2 && std::all_of(parts.begin(), parts.end(), [&](const std::string& part) {
                          return !part.empty() && part.front() != '.' && std::all_of(part.begin(), part.end(), fits);
                        });
  if (!possible || name.ends_with(".gguf")) return "";
  return cat("; if it is a name on the Hugging Face hub, get its folder with `hf download ", name,
             " --local-dir models/", parts.back(), "` and give that folder");
}

HubConfig read_hub_config(const ConfigFields& fields, HeadUse head) {
  HubConfig hub{read_architecture(fields), read_labels(fields), fields.text("problem_type", ""), notes_on(fields)};
  hub.architecture.head = head;
  if (hub.architecture.family->classes.of(head) == nullptr) {
    fields.fail("model_type", cat(hub.architecture.family->name,
                                  head == HeadUse::kLanguage ? " is no decoder, which generating text needs"
                                                             : " has no head that tags tokens in Transformers"));
  }
  return hub;
}

}  // namespace hiddenkey
