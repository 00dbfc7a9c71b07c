#include "adapter/peft_config.h"
#include "fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hiddenkey;
  return fuzz::read(
      data, size, [](std::string_view bytes) { read_peft_config(fuzz::write_scratch("adapter_config.json", bytes)); });
}
