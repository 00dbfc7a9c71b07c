#include "fuzz_input.h"
#include "use_tokenizer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hiddenkey;
  return fuzz::read(data, size, [](std::string_view bytes) {
    fuzz::write_scratch("config.json", R"({"model_type": "xlm-roberta"})");
    fuzz::write_scratch("sentencepiece.bpe.model", bytes);
    fuzz::use_tokenizer(Tokenizer::load(fuzz::scratch()));
  });
}
