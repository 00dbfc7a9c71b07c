#include "text/sentence_piece_check.h"

#include <cstdint>
#include <utility>

#include "text/charsmap.h"
#include "text/protobuf.h"

namespace hiddenkey {

std::string sentence_piece_fault(std::string_view model) {
  bool sound = true;
  constexpr uint32_t kCharsmap = 2;
  const auto check_normalizer = [&](const ProtoField& normalizer) {
    const bool whole = for_each_field(
        normalizer.bytes, kCharsmap, [&](const ProtoField& table) { sound = sound && is_sound_charsmap(table.bytes); });
    sound = sound && whole;
  };
  constexpr std::pair<uint32_t, const char*> kNormalizers[] = {{3, "normalizer_spec"}, {5, "denormalizer_spec"}};
  for (const auto& [number, name] : kNormalizers) {
    if (!for_each_field(model, number, check_normalizer)) return "is no SentencePiece model";
    if (!sound) return std::string(name) + ": precompiled_charsmap: is damaged";
  }
  return "";
}

}  // namespace hiddenkey
