#include "fuzz_input.h"
#include "settings/run_config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hiddenkey;
  return fuzz::read(data, size,
                    [](std::string_view bytes) { require_run_config(fuzz::write_scratch("run.yaml", bytes), {}); });
}
