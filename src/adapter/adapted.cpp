#include "adapter/adapted.h"

namespace hiddenkey {

std::string peft_name(const std::string& theirs) { return "base_model.model." + theirs; }

TermNames::TermNames(const std::string& module)
    : a(peft_name(module) + ".lora_A.weight"),
      b(peft_name(module) + ".lora_B.weight"),
      magnitude(peft_name(module) + ".lora_magnitude_vector") {}

std::vector<NamedTensor> tensors_of(const Adapted& adapted) {
  const TermNames names(adapted.module.theirs);
  std::vector<NamedTensor> tensors{{names.a, adapted.term.a_RI}, {names.b, adapted.term.b_OR}};
  if (adapted.term.magnitude_O.defined()) tensors.push_back({names.magnitude, adapted.term.magnitude_O});
  return tensors;
}

int64_t size_of(const LowRank& term) {
  return term.a_RI.numel() + term.b_OR.numel() + (term.magnitude_O.defined() ? term.magnitude_O.numel() : 0);
}

at::Tensor merged_weight(const at::Tensor& weight_OI, const LowRank& term) {
  at::Tensor sum_OI = term.adapted_weight(weight_OI, at::kDouble);
  if (!term.magnitude_O.defined()) return sum_OI;
  return sum_OI * (term.magnitude_O.to(at::kDouble) / row_norms(sum_OI)).unsqueeze(1);
}

}  // namespace hiddenkey
