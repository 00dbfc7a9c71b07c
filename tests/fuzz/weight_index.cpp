#include "fuzz_input.h"
#include "io/checkpoint_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hiddenkey;
  return fuzz::read(data, size, [](std::string_view bytes) {
    fuzz::write_parts({"model.safetensors.index.json", "a.safetensors", "b.bin"}, bytes);
    const CheckpointReader reader(fuzz::scratch());
    for (const std::string& name : reader.names()) reader.read(name);
  });
}
