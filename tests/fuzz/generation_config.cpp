#include "fuzz_input.h"
#include "generate/hub_generation.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hiddenkey;
  return fuzz::read(data, size, [](std::string_view bytes) {
    fuzz::write_scratch("generation_config.json", bytes);
    const HubGeneration hub = read_generation_config(fuzz::scratch());
    describe_taken(hub, hub.options, {});
  });
}
