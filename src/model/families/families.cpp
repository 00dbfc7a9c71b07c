#include "model/families/families.h"

namespace hiddenkey {

const std::vector<Family>& families() {
  // The targets are those of PEFT's table (TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING). The rates leave some
  // room on both sides of what the papers use: 2e-4 to 5e-4 with LoRA (Hu et al., 2021), 1e-5 to 5e-5 for whole
  // encoders.
  constexpr UsualRates kEncoder = {1e-4, 1e-3, 5e-6, 1e-4}, kDecoder = {5e-5, 1e-3, 1e-6, 1e-4};
  static const std::vector<Family> kFamilies = {
      {"bert", read_encoder_config, {"query", "value"}, kEncoder},
      {"roberta", read_encoder_config, {"query", "value"}, kEncoder},
      {"gpt2", read_gpt2_config, {"c_attn"}, kDecoder},
      {"llama", read_llama_config, {"q_proj", "v_proj"}, kDecoder},
      {"mistral", read_llama_config, {"q_proj", "v_proj"}, kDecoder},
      {"qwen2", read_llama_config, {"q_proj", "v_proj"}, kDecoder},
  };
  return kFamilies;
}

const Family* find_family(const std::string& name) {
  for (const Family& family : families()) {
    if (name == family.name) return &family;
  }
  return nullptr;
}

}  // namespace hiddenkey
