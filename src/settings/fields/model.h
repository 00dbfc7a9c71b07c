#pragma once

#include "config/fields.h"
#include "settings/config_values.h"
#include "settings/run_config.h"

// The keys of the section `model`.

namespace hiddenkey {

template <class Visitor>
void visit_fields(Visitor& visit, ModelConfig& c) {
  visit(Field{.name = "path",
              .help = "folder or GGUF file of the pretrained model",
              .is_path = true,
              .required = true,
              .examples = {R"("models/roberta-large")", R"("models/smollm2.gguf")"}},
        c.path);
  visit(
      Field{
          .name = "dtype",
          .help =
              "type of the frozen base; auto is bfloat16 on a GPU that computes in it, else float32; adapters and head "
              "stay float32",
          .elsewhere = {{"bf16", "bfloat16"},
                        {"fp32", "float32"},
                        {"f32", "float32"},
                        {"float", "float32"},
                        {"torch.bfloat16", "bfloat16"},
                        {"torch.float32", "float32"},
                        {"fp16", "bfloat16"},
                        {"float16", "bfloat16"},
                        {"half", "bfloat16"}}},
      c.dtype);
}

}  // namespace hiddenkey
