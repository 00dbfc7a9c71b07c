#include "fuzz_input.h"
#include "io/gguf_tensor.h"
#include "model/gguf_model.h"
#include "model/model_files.h"
#include "use_tokenizer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hiddenkey;
  fuzz::read(data, size, [](std::string_view bytes) {
    const Gguf file(fuzz::write_scratch("model.gguf", bytes));
    for (const auto& [name, tensor] : file.tensors()) read_tensor(file, name);
  });
  fuzz::read(data, size,
             [](std::string_view) { ModelFiles(fuzz::scratch() / "model.gguf").config(HeadUse::kLanguage); });
  return fuzz::read(data, size, [](std::string_view) {
    fuzz::use_tokenizer(Tokenizer::from_gguf(GgufModel(fuzz::scratch() / "model.gguf").vocabulary()));
  });
}
