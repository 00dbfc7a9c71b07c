#include "io/safetensors.h"

#include "fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hiddenkey;
  return fuzz::read(data, size, [](std::string_view bytes) {
    const SafeTensors file(fuzz::write_scratch("model.safetensors", bytes));
    for (const std::string& name : file.names()) file.read(name);
  });
}
