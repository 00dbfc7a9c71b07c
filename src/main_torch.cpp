#include <c10/util/Exception.h>

#include <cstdlib>

#include "cli/program.h"
#include "commands/commands.h"
#include "core/error.h"
#include "core/text.h"
#include "train/out_of_memory.h"

namespace hiddenkey {
namespace {

constexpr const char* kNoRoom =
    "out of memory while the model and the data were read; model.dtype=bfloat16 halves the model, and "
    "training.device=cpu takes the machine's memory instead of a GPU's";

/// LibTorch's errors, in the words that the rest of the program has for them.
template <class Options>
auto with_our_errors(int (*command)(const Options&, const CommonOptions&)) {
  return [command](const Options& options, const CommonOptions& common) {
    try {
      return command(options, common);
    } catch (const std::exception& error) {
      if (is_out_of_memory(error)) throw Error(ErrorKind::kOutOfMemory, kNoRoom);
      const auto* torch = dynamic_cast<const c10::Error*>(&error);
      if (torch != nullptr) throw std::runtime_error(torch->what_without_backtrace());
      throw;
    }
  };
}

}  // namespace
}  // namespace hiddenkey

/// The program with all commands.
int main(int argc, char** argv) {
  using namespace hiddenkey;
  // oneDNN keeps what it made for each shape of a product, of which every batch brings new ones; by itself it would
  // keep 1,024, in hundreds of MiB. A step needs about twenty.
  setenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64", /*overwrite=*/0);
  return run_program(argc, argv,
                     {.train = with_our_errors(run_train),
                      .eval = with_our_errors(run_eval),
                      .predict = with_our_errors(run_predict),
                      .generate = with_our_errors(run_generate),
                      .merge = with_our_errors(run_merge),
                      .inspect = with_our_errors(run_inspect)});
}
