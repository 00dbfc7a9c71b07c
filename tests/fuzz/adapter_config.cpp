#include "fuzz_input.h"
#include "lora/peft_config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hiddenkey;
  return fuzz::read(
      data, size, [](std::string_view bytes) { read_peft_config(fuzz::write_scratch("adapter_config.json", bytes)); });
}
