#include "model/model_files.h"

#include "io/checkpoint_reader.h"
#include "model/gguf_model.h"

namespace hiddenkey {

bool is_gguf(const fs::path& path) {
  std::error_code error;
  return path.extension() == ".gguf" && !fs::is_directory(path, error);
}

bool holds_model(const fs::path& path) {
  std::error_code error;
  return is_gguf(path) ? fs::exists(path, error) : fs::exists(path / "config.json", error);
}

std::unique_ptr<WeightSource> open_weights(const fs::path& path) {
  if (is_gguf(path)) return std::make_unique<GgufModel>(path);
  return std::make_unique<CheckpointReader>(path);
}

}  // namespace hiddenkey
