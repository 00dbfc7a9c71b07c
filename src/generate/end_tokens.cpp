#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "generate/generator.h"

namespace hiddenkey {
namespace {

/// eos_token_id, a number or a list of them; nothing where the file or the field is absent or null.
std::optional<TokenIds> end_tokens_of(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return std::nullopt;
  const auto json = nlohmann::json::parse(read_file(path), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) throw ModelError(cat(path.string(), ": is no JSON object"));
  const auto field = json.find("eos_token_id");
  if (field == json.end() || field->is_null()) return std::nullopt;
  TokenIds ids;
  for (const nlohmann::json& id : field->is_array() ? *field : nlohmann::json::array({*field})) {
    if (!id.is_number_integer()) throw ModelError(cat(path.string(), ": eos_token_id: ", id.dump(), " is no token id"));
    ids.push_back(id.get<int32_t>());
  }
  return ids;
}

}  // namespace

TokenIds end_tokens(const fs::path& folder, const Tokenizer& tokenizer) {
  for (const char* name : {"generation_config.json", "config.json"}) {
    if (const std::optional<TokenIds> ids = end_tokens_of(folder / name)) return *ids;
  }
  if (const std::optional<int32_t> id = tokenizer.eos_id()) return {*id};
  return {};
}

}  // namespace hiddenkey
