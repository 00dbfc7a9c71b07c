#include "core/file.h"
#include "fuzz_input.h"
#include "io/safetensors.h"
#include "run/checkpoint_folder.h"

// An input is state.json, hiddenkey.json and trained.safetensors; the optimizer's state is empty, and the checksums are
// right, so that the readers behind them are reached.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hiddenkey;
  return fuzz::read(data, size, [](std::string_view bytes) {
    const fs::path folder = fuzz::scratch() / "step-000001";
    fs::create_directory(folder);
    fuzz::write_parts({"state.json", "hiddenkey.json", "trained.safetensors"}, bytes, "step-000001");
    fuzz::write_scratch("step-000001/optimizer.safetensors", std::string_view("\x02\0\0\0\0\0\0\0{}", 10));
    std::string manifest;
    for (const char* name : {"trained.safetensors", "optimizer.safetensors", "state.json", "hiddenkey.json"}) {
      if (fs::exists(folder / name)) manifest += sha256_of_file(folder / name) + "  " + name + "\n";
    }
    fuzz::write_scratch("step-000001/MANIFEST", manifest);
    find_checkpoint(fuzz::scratch());
    read_saved_task(folder);
  });
}
