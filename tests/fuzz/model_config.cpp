#include "fuzz_input.h"
#include "model/hub_config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hiddenkey;
  fuzz::read(data, size, [](std::string_view bytes) {
    fuzz::write_scratch("config.json", bytes);
    read_hub_config(fuzz::scratch(), HeadUse::kClassify);
  });
  return fuzz::read(data, size, [](std::string_view) { read_hub_config(fuzz::scratch(), HeadUse::kLanguage); });
}
