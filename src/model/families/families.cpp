#include "model/families/families.h"

namespace hiddenkey {

std::span<const Family* const> families() {
  static constexpr const Family* kFamilies[] = {&kBert,       &kRoberta, &kGpt2,       &kLlama,   &kMistral,   &kQwen2,
                                                &kModernBert, &kQwen3,   &kDistilBert, &kElectra, &kXlmRoberta};
  return kFamilies;
}

const Family* find_family(const std::string& name) {
  for (const Family* family : families()) {
    if (name == family->name) return family;
  }
  return nullptr;
}

}  // namespace hiddenkey
