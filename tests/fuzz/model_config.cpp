#include "fuzz_input.h"
#include "model/model_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hiddenkey;
  fuzz::read(data, size, [](std::string_view bytes) {
    fuzz::write_scratch("config.json", bytes);
    ModelFiles(fuzz::scratch()).config(HeadUse::kClassify);
  });
  return fuzz::read(data, size, [](std::string_view) { ModelFiles(fuzz::scratch()).config(HeadUse::kLanguage); });
}
