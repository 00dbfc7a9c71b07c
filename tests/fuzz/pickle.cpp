#include "io/pickle.h"

#include "fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hiddenkey;
  return fuzz::read(data, size, [](std::string_view bytes) {
    std::string_view rest = bytes;
    skip_pickle(rest, "pickle");
    rest = bytes;
    read_state_dict(rest, "pickle");
  });
}
