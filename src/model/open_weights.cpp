#include "model/open_weights.h"

#include "io/checkpoint_reader.h"
#include "model/gguf_weights.h"
#include "model/model_files.h"

namespace hiddenkey {

std::unique_ptr<WeightSource> open_weights(const std::filesystem::path& path) {
  if (is_gguf(path)) return std::make_unique<GgufWeights>(path);
  return std::make_unique<CheckpointReader>(path);
}

}  // namespace hiddenkey
