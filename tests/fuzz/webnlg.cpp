#include "data/sources/webnlg.h"

#include "fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hiddenkey;
  return fuzz::read(data, size, [](std::string_view bytes) {
    read_webnlg(fuzz::write_scratch(bytes.starts_with("<") ? "train.xml" : "train.json", bytes));
  });
}
