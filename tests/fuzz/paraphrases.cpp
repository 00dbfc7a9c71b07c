#include "score/paraphrases.h"

#include "fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hiddenkey;
  return fuzz::read(data, size, [](std::string_view bytes) {
    Paraphrases table(fuzz::write_scratch("paraphrase-en", bytes));
    table.cover({"a", "b", "cat", "dog"});
    table.of("a cat");
  });
}
